// cast div dropout  net.net:7
struct Uniforms {
  seed: u32,
  draw: u32,
  batch: u32,
  zero: u32,
  scalar0: f32,
}

@group(0) @binding(0) var<storage, read> input0: array<u32>;
@group(0) @binding(1) var<storage, read_write> output1: array<f32>;
@group(0) @binding(2) var<storage, read_write> output2: array<u32>;
@group(0) @binding(3) var<uniform> uniforms: Uniforms;

fn helper_random_bits(stream: u32, element: u32) -> u32 {
  let k0 = uniforms.seed;
  let k1 = uniforms.draw;
  let k2 = k0 ^ k1 ^ 0x1bd11bdau;
  var a = u32(stream + k0);
  var b = element + u32(k1);
  a += b;
  b = ((b << u32(13u)) | (b >> u32(19u))) ^ a;
  a += b;
  b = ((b << u32(15u)) | (b >> u32(17u))) ^ a;
  a += b;
  b = ((b << u32(26u)) | (b >> u32(6u))) ^ a;
  a += b;
  b = ((b << u32(6u)) | (b >> u32(26u))) ^ a;
  a += u32(k1);
  b += u32(k2 + 1u);
  a += b;
  b = ((b << u32(17u)) | (b >> u32(15u))) ^ a;
  a += b;
  b = ((b << u32(29u)) | (b >> u32(3u))) ^ a;
  a += b;
  b = ((b << u32(16u)) | (b >> u32(16u))) ^ a;
  a += b;
  b = ((b << u32(24u)) | (b >> u32(8u))) ^ a;
  a += u32(k2);
  b += u32(k0 + 2u);
  a += b;
  b = ((b << u32(13u)) | (b >> u32(19u))) ^ a;
  a += b;
  b = ((b << u32(15u)) | (b >> u32(17u))) ^ a;
  a += b;
  b = ((b << u32(26u)) | (b >> u32(6u))) ^ a;
  a += b;
  b = ((b << u32(6u)) | (b >> u32(26u))) ^ a;
  a += u32(k0);
  b += u32(k1 + 3u);
  a += b;
  b = ((b << u32(17u)) | (b >> u32(15u))) ^ a;
  a += b;
  b = ((b << u32(29u)) | (b >> u32(3u))) ^ a;
  a += b;
  b = ((b << u32(16u)) | (b >> u32(16u))) ^ a;
  a += b;
  b = ((b << u32(24u)) | (b >> u32(8u))) ^ a;
  a += u32(k1);
  b += u32(k2 + 4u);
  a += b;
  b = ((b << u32(13u)) | (b >> u32(19u))) ^ a;
  a += b;
  b = ((b << u32(15u)) | (b >> u32(17u))) ^ a;
  a += b;
  b = ((b << u32(26u)) | (b >> u32(6u))) ^ a;
  a += b;
  b = ((b << u32(6u)) | (b >> u32(26u))) ^ a;
  a += u32(k2);
  b += u32(k0 + 5u);
  return a;
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) global: vec3<u32>) {
  let x = global.x;
  if (x >= (uniforms.batch * 784u)) {
    return;
  }
  let kept = (f32(helper_random_bits(3u, x) / 256u) * 5.9604645e-8f) < uniforms.scalar0;
  output1[x] = select(0.0f, f32((input0[x / 4u] >> (x % 4u * 8u)) & 255u) / 255.0f, kept);
  output2[x] = u32(kept);
}
