/** The printer: what it writes reads back as the same tree, and numbers as the same numbers. */
import { describe, expect, it } from 'vitest';
import { binary, call, index, literal, member, name, unary } from '../../compiler/targets/wgsl/ast.ts';
import { printLiteral } from '../../compiler/targets/wgsl/literals.ts';
import { variableName } from '../../compiler/targets/wgsl/names.ts';
import { printExpression, printStatements } from '../../compiler/targets/wgsl/print.ts';
import { gpuOrSkip, readBuffer, runDispatches, storageBuffer, validateWgsl } from '../support/gpu.ts';

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(name) as [
  ReturnType<typeof name>,
  ...ReturnType<typeof name>[],
];

describe('expressions', () => {
  it.each([
    ['a + b * c', binary('+', a, binary('*', b!, c!))],
    ['(a + b) * c', binary('*', binary('+', a, b!), c!)],
    ['a - b - c', binary('-', binary('-', a, b!), c!)],
    ['a - (b - c)', binary('-', a, binary('-', b!, c!))],
    ['a / (b * c)', binary('/', a, binary('*', b!, c!))],
    ['a * b / c', binary('/', binary('*', a, b!), c!)],
    ['(a & b) | c', binary('|', binary('&', a, b!), c!)],
    ['(a && b) || c', binary('||', binary('&&', a, b!), c!)],
    ['a && b && c', binary('&&', binary('&&', a, b!), c!)],
    ['(a + b) >> c', binary('>>', binary('+', a, b!), c!)],
    ['(a < b) == (c < d)', binary('==', binary('<', a, b!), binary('<', c!, d!))],
    ['f((a < b), (c > d))', call('f', binary('<', a, b!), binary('>', c!, d!))],
    ['-(-a)', unary('-', unary('-', a))],
    ['-(-1.0f)', unary('-', literal(-1, 'f32'))],
    ['a - (-1.0f)', binary('-', a, literal(-1, 'f32'))],
    ['!(a & b)', unary('!', binary('&', a, b!))],
    ['(a + b).x', member(binary('+', a, b!), 'x')],
    ['a[b + c]', index(a, binary('+', b!, c!))],
  ])('%s', (text, tree) => {
    expect(printExpression(tree)).toBe(text);
  });
});

describe('statements', () => {
  it('are indented', () => {
    const text = printStatements([
      {
        kind: 'for',
        variable: 'i',
        from: literal(0, 'u32'),
        to: binary('*', a, b!),
        step: 2,
        body: [
          {
            kind: 'if',
            condition: binary('<', a, b!),
            then: [{ kind: 'assign', target: c!, value: d! }],
            else: [{ kind: 'return' }],
          },
        ],
      },
    ]).join('\n');
    expect(text).toBe(
      [
        'for (var i = 0u; i < (a * b); i += 2u) {',
        '  if (a < b) {',
        '    c = d;',
        '  } else {',
        '    return;',
        '  }',
        '}',
      ].join('\n'),
    );
  });
});

describe('literals', () => {
  it.each([
    [1, 'f32', '1.0f'],
    [0.1, 'f32', '0.1f'],
    [-0, 'f32', '-0.0f'],
    [1e21, 'f32', '1e+21f'],
    [16777216, 'f32', '16777216.0f'],
    [3.4028234663852886e38, 'f32', '0x1.fffffep+127f'],
    [1.401298464324817e-45, 'f32', '0x1p-149f'],
    [-(2 ** 31), 'i32', 'i32(-2147483648)'],
    [-5, 'i32', '-5i'],
    [4294967295, 'u32', '4294967295u'],
    [1, 'bool', 'true'],
  ] as const)('%d as %s is %s', (value, scalar, text) => {
    expect(printLiteral(value, scalar)).toBe(text);
  });

  it('read back as the same f32', async (context) => {
    const { gpu } = await gpuOrSkip(context);
    const bits = new Uint32Array(400);
    for (let i = 0, word = 12345; i < bits.length; i++) {
      word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
      // Every exponent but that of infinity and NaN.
      bits[i] = (word & 0x807fffff) | ((i % 255) << 23);
    }
    const lines = [...new Float32Array(bits.buffer)].map(
      (value, i) => `  out[${i}] = ${printLiteral(value, 'f32')};`,
    );
    const code = [
      '@group(0) @binding(0) var<storage, read_write> out: array<f32>;',
      '@compute @workgroup_size(1) fn main() {',
      ...lines,
      '}',
    ].join('\n');
    expect(await validateWgsl(code, ['storage'])).toEqual([]);
    const buffer = storageBuffer(gpu, new Float32Array(bits.length));
    await runDispatches(gpu, [{ code, groups: [1, 1, 1], buffers: [{ buffer, type: 'storage' }] }]);
    expect([...new Uint32Array(await readBuffer(gpu, buffer))]).toEqual([...bits]);
  });
});

describe('names', () => {
  it.each([
    ['acc', 'acc'],
    ['let', 'let_'],
    ['target', 'target_'],
    ['max', 'max_'],
    ['input0', 'input0_'],
    ['net.fc', 'net_fc'],
    ['__x', 'n_x'],
    ['4th', 'n_4th'],
  ])('%s becomes %s', (text, wanted) => {
    expect(variableName(text)).toBe(wanted);
  });
});
