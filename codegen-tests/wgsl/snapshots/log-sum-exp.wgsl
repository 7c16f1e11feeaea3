// logsumexp  net.net:20
struct Uniforms {
  seed: u32,
  draw: u32,
  batch: u32,
  zero: u32,
}

@group(0) @binding(0) var<storage, read> input0: array<f32>;
@group(0) @binding(1) var<storage, read_write> output1: array<f32>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;

fn helper_is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & u32(0x7fffffffu)) > u32(0x7f800000u);
}

fn helper_keep_nan(x: f32, otherwise: f32) -> f32 {
  return bitcast<f32>(select(bitcast<u32>(otherwise), bitcast<u32>(x), helper_is_nan(x)));
}

fn helper_max(a: f32, b: f32) -> f32 {
  return helper_keep_nan(a, helper_keep_nan(b, max(a, b)));
}

fn helper_apart(x: f32) -> f32 {
  return clamp(x, f32(-0x1.fffffep+127f), f32(0x1.fffffep+127f));
}

fn helper_scale(x: f32, n: f32) -> f32 {
  let half = floor(n * f32(0.5f));
  let low = bitcast<f32>((bitcast<u32>(half + f32(12582912.0f)) + u32(127u)) << u32(23u));
  let high = bitcast<f32>((bitcast<u32>((n - half) + f32(12582912.0f)) + u32(127u)) << u32(23u));
  return (x * low) * high;
}

fn helper_exp(x: f32) -> f32 {
  let inside = clamp(x, f32(-110.0f), f32(100.0f));
  let n = round(inside * f32(1.442695f));
  let r = fma(n, f32(-1.4286068e-6f), helper_apart(fma(n, f32(-0.693145752f), inside)));
  let p = fma(r * r, fma(fma(fma(fma(f32(0.0013951703f), r, f32(0.00836959f)), r, f32(0.041666187f)), r, f32(0.16666514f)), r, f32(0.5f)), r) + f32(1.0f);
  return helper_keep_nan(x, helper_scale(p, n));
}

fn helper_log(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let tiny = bits < u32(0x00800000u);
  let normal = select(bits, bitcast<u32>(f32(bits)), tiny);
  let raised = i32(normal) - i32(0x3f3504f3i);
  let exponent = raised >> u32(23u);
  let m = bitcast<f32>(u32(i32(normal) - (exponent << u32(23u))));
  let e = f32(select(exponent, exponent - i32(149i), tiny));
  let f = m - f32(1.0f);
  let tail = fma(e, f32(-0.00021219444f), f * f * f * (fma(fma(fma(fma(fma(fma(fma(fma(f32(0.06913567f), f, f32(-0.117892504f)), f, f32(0.11873426f)), f, f32(-0.123844616f)), f, f32(0.14218616f)), f, f32(-0.16669244f)), f, f32(0.20002228f)), f, f32(-0.24999987f)), f, f32(0.3333331f)))) - f32(0.5f) * f * f;
  let found = bitcast<u32>(fma(e, f32(0.693359375f), f + tail));
  let special = select(select(found, bits, bits >= u32(0x7f800000u)), u32(0x7fc00000u), bits > u32(0x80000000u));
  return bitcast<f32>(select(special, u32(0xff800000u), (bits & u32(0x7fffffffu)) == u32(0u)));
}

@compute @workgroup_size(8, 1, 1)
fn main(@builtin(global_invocation_id) global: vec3<u32>) {
  let x = global.x;
  var top = bitcast<f32>(4286578688u | uniforms.zero);
  for (var i = 0u; i < 10u; i += 1u) {
    top = helper_max(top, input0[x * 10u + i]);
  }
  var total = 0.0f;
  for (var i = 0u; i < 10u; i += 1u) {
    total = total + helper_exp(input0[x * 10u + i] - top);
  }
  output1[x] = helper_log(total) + top;
}
