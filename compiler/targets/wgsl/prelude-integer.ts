/** Helpers on integers: powers, and the random generator. Out: texts in the notation of prelude.ts. */

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** Four rounds and the next injection of the key (words k0, k1, k2), written out. */
function fourRounds(group: number): string {
  const rounds = [0, 1, 2, 3].map((round) => {
    const left = ROTATIONS[(group % 2) * 4 + round] as number;
    return `  a += b;\n  b = ((b << U(${left}u)) | (b >> U(${32 - left}u))) ^ a;`;
  });
  return [...rounds, `  a += U(k${(group + 1) % 3});`, `  b += U(k${(group + 2) % 3} + ${group + 1}u);`].join(
    '\n',
  );
}

const powerText = (name: string, type: 'I' | 'U', one: string): string => `
fn $${name}(base: ${type}, exponent: ${type}) -> ${type} {
  var result = ${type}(1${one});
  var factor = base;
  var rest = U(max(exponent, ${type}(0${one})));
  for (var turn = 0u; turn < 32u; turn += 1u) {
    result = select(result, result * factor, (rest & U(1u)) == U(1u));
    factor = factor * factor;
    rest = rest >> U(1u);
  }
  return result;
}`;

export const INTEGER_HELPERS = {
  // By squaring, modulo 2^32; a negative exponent counts as 0.
  pow_i32: powerText('pow_i32', 'I', 'i'),
  pow_u32: powerText('pow_u32', 'U', 'u'),
  // Threefry 2x32, 20 rounds, first word: key (seed, draw), counter (stream, element). Salmon, Moraes, Dror,
  // Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
  random_bits: `
fn $random_bits(stream: u32, element: U) -> U {
  let k0 = uniforms.seed;
  let k1 = uniforms.draw;
  let k2 = k0 ^ k1 ^ 0x1bd11bdau;
  var a = U(stream + k0);
  var b = element + U(k1);
${[0, 1, 2, 3, 4].map(fourRounds).join('\n')}
  return a;
}`,
} as const;
