// add gelu  net.net:12  std.net:40
@group(0) @binding(0) var<storage, read> input0: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> input1: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> output2: array<vec4<f32>>;

fn helper_apart_vec4(x: vec4<f32>) -> vec4<f32> {
  return clamp(x, vec4<f32>(-0x1.fffffep+127f), vec4<f32>(0x1.fffffep+127f));
}

fn helper_is_nan_vec4(x: vec4<f32>) -> vec4<bool> {
  return (bitcast<vec4<u32>>(x) & vec4<u32>(0x7fffffffu)) > vec4<u32>(0x7f800000u);
}

fn helper_keep_nan_vec4(x: vec4<f32>, otherwise: vec4<f32>) -> vec4<f32> {
  return bitcast<vec4<f32>>(select(bitcast<vec4<u32>>(otherwise), bitcast<vec4<u32>>(x), helper_is_nan_vec4(x)));
}

fn helper_scale_vec4(x: vec4<f32>, n: vec4<f32>) -> vec4<f32> {
  let half = floor(n * vec4<f32>(0.5f));
  let low = bitcast<vec4<f32>>((bitcast<vec4<u32>>(half + vec4<f32>(12582912.0f)) + vec4<u32>(127u)) << vec4<u32>(23u));
  let high = bitcast<vec4<f32>>((bitcast<vec4<u32>>((n - half) + vec4<f32>(12582912.0f)) + vec4<u32>(127u)) << vec4<u32>(23u));
  return (x * low) * high;
}

fn helper_exp_vec4(x: vec4<f32>) -> vec4<f32> {
  let inside = clamp(x, vec4<f32>(-110.0f), vec4<f32>(100.0f));
  let n = round(inside * vec4<f32>(1.442695f));
  let r = fma(n, vec4<f32>(-1.4286068e-6f), helper_apart_vec4(fma(n, vec4<f32>(-0.693145752f), inside)));
  let p = fma(r * r, fma(fma(fma(fma(vec4<f32>(0.0013951703f), r, vec4<f32>(0.00836959f)), r, vec4<f32>(0.041666187f)), r, vec4<f32>(0.16666514f)), r, vec4<f32>(0.5f)), r) + vec4<f32>(1.0f);
  return helper_keep_nan_vec4(x, helper_scale_vec4(p, n));
}

fn helper_erf_vec4(x: vec4<f32>) -> vec4<f32> {
  let size = min(abs(x), vec4<f32>(4.0f));
  let square = size * size;
  let small = size * (fma(fma(fma(fma(fma(fma(vec4<f32>(0.00007889119f), square, vec4<f32>(-0.0008020841f)), square, vec4<f32>(0.005189535f)), square, vec4<f32>(-0.026854444f)), square, vec4<f32>(0.112836f)), square, vec4<f32>(-0.37612626f)), square, vec4<f32>(1.1283791f)));
  let large = vec4<f32>(1.0f) - helper_exp_vec4(-size * (fma(fma(fma(fma(fma(fma(fma(vec4<f32>(0.0000035570074f), size, vec4<f32>(-0.000028435381f)), size, vec4<f32>(-0.00013874962f)), size, vec4<f32>(0.0031820154f)), size, vec4<f32>(-0.023091642f)), size, vec4<f32>(0.10566906f)), size, vec4<f32>(0.6354101f)), size, vec4<f32>(1.1285996f))));
  let found = select(large, small, size < vec4<f32>(1.0f));
  return helper_keep_nan_vec4(x, select(found, -found, x < vec4<f32>(0.0f)));
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) global: vec3<u32>) {
  let x = global.x;
  if (x >= 250u) {
    return;
  }
  let sum = input0[x] + input1[x];
  output2[x] = sum * vec4<f32>(0.5f) * (helper_erf_vec4(sum * vec4<f32>(0.70710677f)) + vec4<f32>(1.0f));
}
