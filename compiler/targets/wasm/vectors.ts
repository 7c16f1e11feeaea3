/**
 * Vectors put together from single values. In: four lanes. Out: instructions. Lanes taken from vectors are moved by
 * shuffles, four draws of one stream are one draw of four.
 */
import type { Expression } from '../../kernel/ir.ts';
import type { ShuffleLanes } from './function-builder.ts';
import { variableLocal, type KernelScope } from './kernel-scope.ts';

type VectorExpression = Extract<Expression, { kind: 'vector' }>;

export function emitVector(scope: KernelScope, e: VectorExpression): void {
  if (e.lanes.every((lane) => lane.kind === 'literal')) return emitConstant(scope, e);
  if (emitDraws(scope, e) || emitShuffles(scope, e)) return;
  emitLanes(scope, e);
}

const bit = (truth: number): number => -Number(truth !== 0);

function emitConstant({ f }: KernelScope, e: VectorExpression): void {
  const values = e.lanes.map((lane) => (lane.kind === 'literal' ? lane.value : 0));
  const scratch = new DataView(new ArrayBuffer(4));
  f.vector(
    values.map((value) => {
      if (e.type.scalar === 'bool') return bit(value);
      if (e.type.scalar !== 'f32') return value;
      if (Number.isNaN(value)) return 0x7fc00000;
      scratch.setFloat32(0, value);
      return scratch.getInt32(0);
    }),
  );
}

function emitDraws(scope: KernelScope, e: VectorExpression): boolean {
  const [first] = e.lanes;
  if (first.kind !== 'random_bits') return false;
  const elements: Expression[] = [];
  for (const lane of e.lanes) {
    if (lane.kind !== 'random_bits' || lane.stream !== first.stream) return false;
    elements.push(lane.element);
  }
  const [a, b, c, d] = elements as [Expression, Expression, Expression, Expression];
  const element: Expression = { kind: 'vector', type: { scalar: 'u32', lanes: 4 }, lanes: [a, b, c, d] };
  scope.emit({ ...first, type: { scalar: 'u32', lanes: 4 }, element });
  return true;
}

/** Where every lane is a lane of a variable: pairs by one shuffle each, then the pairs by another. */
function emitShuffles(scope: KernelScope, e: VectorExpression): boolean {
  const { f } = scope;
  const parts: { local: number; lane: number }[] = [];
  for (const lane of e.lanes) {
    if (lane.kind !== 'lane' || lane.operand.kind !== 'variable') return false;
    parts.push({ local: variableLocal(scope, lane.operand.name), lane: lane.lane });
  }
  const [a, b, c, d] = parts as [Part, Part, Part, Part];
  const different = new Set(parts.map(({ local }) => local));
  if (different.size <= 2) {
    const other = parts.find(({ local }) => local !== a.local) ?? a;
    const at = ({ local, lane }: Part): number => (local === a.local ? lane : 4 + lane);
    f.get(a.local)
      .get(other.local)
      .shuffle([at(a), at(b), at(c), at(d)]);
    return true;
  }
  if (parts.every(({ lane }) => lane === a.lane)) {
    // A column of four rows: the two halves of such pairs are two columns, and an engine works a pair out once.
    const pair: ShuffleLanes = a.lane < 2 ? [0, 4, 1, 5] : [2, 6, 3, 7];
    f.get(a.local).get(b.local).shuffle(pair);
    f.get(c.local).get(d.local).shuffle(pair);
    f.shuffle(a.lane % 2 === 0 ? [0, 1, 4, 5] : [2, 3, 6, 7]);
    return true;
  }
  f.get(a.local)
    .get(b.local)
    .shuffle([a.lane, 4 + b.lane, 0, 0]);
  f.get(c.local)
    .get(d.local)
    .shuffle([c.lane, 4 + d.lane, 0, 0]);
  f.shuffle([0, 1, 4, 5]);
  return true;
}

interface Part {
  readonly local: number;
  readonly lane: number;
}

function emitLanes(scope: KernelScope, e: VectorExpression): void {
  const { f } = scope;
  const float = e.type.scalar === 'f32';
  const one = (lane: Expression): void => {
    if (e.type.scalar !== 'bool') return scope.emit(lane);
    f.i32(0);
    scope.emit(lane);
    f.op('i32.sub');
  };
  const [first, ...others] = e.lanes;
  one(first);
  f.op(float ? 'f32x4.splat' : 'i32x4.splat');
  others.forEach((lane, i) => {
    one(lane);
    f.lane(float ? 'f32x4.replace_lane' : 'i32x4.replace_lane', i + 1);
  });
}
