/** The text of three shaders: four elements a thread, a row with loops, random numbers with a symbolic batch. */
import { describe, expect, it } from 'vitest';
import { BATCH } from '../../compiler/graph/dimension.ts';
import * as e from '../../compiler/kernel/expression.ts';
import type { Expression, Kernel, ValueType } from '../../compiler/kernel/ir.ts';
import { DEFAULT_PROFILE } from '../../compiler/kernel/profile.ts';
import { kernelToWgsl } from '../../compiler/targets/wgsl/from-kernel.ts';
import type { Span } from '../../runtime/plan-format.ts';
import { layoutOf, validateWgsl } from '../support/gpu.ts';
import { accessOf, kernelOf, load, store, X } from '../support/kernels.ts';

const F32: ValueType = { scalar: 'f32', lanes: 1 };
const F32X4: ValueType = { scalar: 'f32', lanes: 4 };
const at = (file: string, line: number): Span => ({ file, line, column: 1, endLine: line, endColumn: 2 });
const number = (value: number) => e.literal(value, 'f32');
const count = (value: number) => e.literal(value, 'u32');

/** gelu(x + b) of 1000 elements. */
function gelu(): Kernel {
  const sum = e.variable('sum', F32X4);
  const scaled = e.binary('mul', sum, e.spread(number(Math.SQRT1_2), 4));
  const gate = e.binary('add', e.unary('erf', scaled), e.spread(number(1), 4));
  return kernelOf(
    [
      { storage: 'f32', width: 4 },
      { storage: 'f32', width: 4 },
      { storage: 'f32', width: 4, writes: true },
    ],
    [
      { kind: 'let', name: 'sum', value: e.binary('add', load(0, X, F32X4), load(1, X, F32X4)) },
      store(2, X, e.binary('mul', e.binary('mul', sum, e.spread(number(0.5), 4)), gate)),
    ],
    { threads: [[250], [], []], ops: ['add', 'gelu'], source: [at('net.net', 12), at('std.net', 40)] },
  );
}

/** log-sum-exp of rows of 10. */
function logSumExp(): Kernel {
  const [top, total, i] = [e.variable('top', F32), e.variable('total', F32), e.variable('i', e.U32)];
  const element = load(0, e.binary('add', e.binary('mul', X, count(10)), i), F32);
  const loop = (name: string, value: Expression): Kernel['body'][number] => ({
    kind: 'for',
    variable: 'i',
    from: count(0),
    to: count(10),
    step: 1,
    body: [{ kind: 'assign', name, value }],
  });
  return kernelOf(
    [{ storage: 'f32' }, { storage: 'f32', writes: true }],
    [
      { kind: 'var', name: 'top', value: number(-Infinity) },
      loop('top', e.binary('max', top, element)),
      { kind: 'var', name: 'total', value: number(0) },
      loop('total', e.binary('add', total, e.unary('exp', e.binary('sub', element, top)))),
      store(1, X, e.binary('add', e.unary('log', total), top)),
    ],
    { threads: [[128], [], []], ops: ['logsumexp'], source: [at('net.net', 20)], workgroup: [8, 1, 1] },
  );
}

/** Dropout of bytes of a batch, kept with the probability of a scalar. */
function dropout(): Kernel {
  const bits: Expression = { kind: 'random_bits', type: e.U32, stream: 3, element: X };
  const uniform = e.binary('mul', e.cast(e.binary('div', bits, count(256)), 'f32'), number(2 ** -24));
  const keep: Expression = { kind: 'scalar', type: F32, name: 'keep' };
  const value = e.binary('div', e.cast(load(0, X, e.U32), 'f32'), number(255));
  return kernelOf(
    [{ storage: 'u8' }, { storage: 'f32', writes: true }, { storage: 'bool', writes: true }],
    [
      { kind: 'let', name: 'kept', value: e.binary('lt', uniform, keep) },
      store(1, X, e.select(e.variable('kept', { scalar: 'bool', lanes: 1 }), value, number(0))),
      store(2, X, e.variable('kept', { scalar: 'bool', lanes: 1 })),
    ],
    { threads: [[BATCH, 784], [], []], ops: ['cast', 'div', 'dropout'], source: [at('net.net', 7)] },
  );
}

describe('shaders', () => {
  it.each([
    ['gelu', gelu()],
    ['log-sum-exp', logSumExp()],
    ['dropout', dropout()],
  ])('%s', async (name, kernel) => {
    const access = accessOf(kernel);
    const layout = { access, scalars: ['keep'], batch: 64, profile: DEFAULT_PROFILE };
    const shader = kernelToWgsl(kernel, layout);
    const { code } = shader;
    await expect(code).toMatchFileSnapshot(`snapshots/${name}.wgsl`);
    expect(kernelToWgsl(kernel, layout).code).toBe(code);
    expect(await validateWgsl(code, layoutOf({ ...shader, access }))).toEqual([]);
  });

  it('of equal kernels from different lines differ in their comments alone', () => {
    const kernel = gelu();
    const layout = {
      access: ['read', 'read', 'read_write'] as const,
      scalars: [],
      batch: 1,
      profile: DEFAULT_PROFILE,
    };
    const other = { ...kernel, source: [at('net.net', 99)], ops: ['other'] };
    const [one, two] = [kernel, other].map((k) => kernelToWgsl(k, layout).code.split('\n')) as [
      string[],
      string[],
    ];
    expect(one[0]).toBe('// add gelu  net.net:12  std.net:40');
    expect(two[0]).toBe('// other  net.net:99');
    expect(one.slice(1)).toEqual(two.slice(1));
  });
});
