/**
 * Threads of a kernel as workgroups. In: threads wanted along x, y, z, as products of sizes. Out: the dispatch
 * at the largest batch, and the statements that give `x`, `y`, `z` and send surplus threads home.
 * Holds: no dimension of the dispatch exceeds the device's limit; more workgroups are folded into y and z.
 */
import { dimensionAt, type Dimension } from '../../graph/dimension.ts';
import { binary, member, name, unsigned, type WgslExpression, type WgslModule } from './ast.ts';
import type { ShaderScope } from './shader-scope.ts';

export type Groups = [number, number, number];

const AXES = ['x', 'y', 'z'] as const;

export interface Threads {
  readonly groups: Groups;
  readonly builtins: WgslModule['builtins'];
}

/** Pushes the statements into the scope. `used`: which of x, y, z the body refers to. */
export function emitThreads(
  scope: ShaderScope,
  batch: number,
  limit: number,
  used: ReadonlySet<string>,
): Threads {
  const { threads, workgroup } = scope.kernel;
  const wanted = threads.map((sizes) => sizes.reduce<number>((n, size) => n * dimensionAt(size, batch), 1));
  const tiles = wanted.map((count, axis) => Math.max(1, Math.ceil(count / workgroup[axis]!))) as Groups;
  const groups = fold(tiles, limit);
  const folded = groups.some((count, axis) => count !== tiles[axis]);
  const surplus = groups[0] * groups[1] * groups[2] > tiles[0] * tiles[1] * tiles[2];

  const guards = AXES.flatMap((axis, i) => {
    const varies = threads[i]!.some((size) => typeof size !== 'number');
    const exact = !varies && wanted[i] === tiles[i]! * workgroup[i]!;
    // Surplus workgroups of a folded dispatch lie behind the last along the slowest axis that has several.
    const behind = surplus && i === slowest(tiles);
    return exact && !behind ? [] : [{ axis, bound: boundOf(scope, threads[i]!) }];
  });
  const needed = AXES.filter((axis) => used.has(axis) || guards.some((guard) => guard.axis === axis));

  const builtins = folded ? foldedPositions(scope, needed, tiles, groups) : plainPositions(scope, needed);
  if (guards.length > 0) {
    const condition = guards
      .map(({ axis, bound }) => binary('>=', name(axis), bound))
      .reduce((left, right) => binary('||', left, right));
    scope.push({ kind: 'if', condition, then: [{ kind: 'return' }], else: [] });
  }
  return { groups, builtins };
}

function slowest(tiles: Groups): number {
  return tiles[2] > 1 ? 2 : tiles[1] > 1 ? 1 : 0;
}

/** Spreads the workgroups over x, y and z so that none exceeds the limit and few are left over. */
function fold(tiles: Groups, limit: number): Groups {
  if (tiles.every((count) => count <= limit)) return tiles;
  const total = tiles[0] * tiles[1] * tiles[2];
  const rows = Math.ceil(total / limit);
  const layers = Math.ceil(rows / limit);
  const y = Math.ceil(rows / layers);
  const x = Math.ceil(total / (y * layers));
  if (layers > limit) throw new Error('internal: more workgroups than a dispatch can have');
  return [x, y, layers];
}

function plainPositions(scope: ShaderScope, needed: readonly string[]): WgslModule['builtins'] {
  if (needed.length === 0) return [];
  for (const axis of needed) {
    scope.push({ kind: 'let', name: axis, value: member(name('global'), axis) });
  }
  return [{ name: 'global', builtin: 'global_invocation_id', type: 'vec3<u32>' }];
}

/** Numbers all workgroups in a row, then takes the position of each apart again. */
function foldedPositions(
  scope: ShaderScope,
  needed: readonly string[],
  tiles: Groups,
  groups: Groups,
): WgslModule['builtins'] {
  const at = (axis: string): WgslExpression => member(name('workgroup'), axis);
  let number = at('x');
  if (groups[1] > 1) number = binary('+', number, binary('*', at('y'), unsigned(groups[0])));
  if (groups[2] > 1) number = binary('+', number, binary('*', at('z'), unsigned(groups[0] * groups[1])));
  scope.push({ kind: 'let', name: 'group', value: number });
  let rest: WgslExpression = name('group');
  AXES.forEach((axis, i) => {
    const isLast = i >= slowest(tiles);
    const position = isLast ? rest : binary('%', rest, unsigned(tiles[i]!));
    if (needed.includes(axis)) {
      const size = scope.kernel.workgroup[i]!;
      const own = i > slowest(tiles) ? unsigned(0) : position;
      const first = size === 1 ? own : binary('*', own, unsigned(size));
      const value = size === 1 ? first : binary('+', first, member(name('local'), axis));
      scope.push({ kind: 'let', name: axis, value });
    }
    if (!isLast) rest = binary('/', rest, unsigned(tiles[i]!));
  });
  return [
    { name: 'workgroup', builtin: 'workgroup_id', type: 'vec3<u32>' },
    { name: 'local', builtin: 'local_invocation_id', type: 'vec3<u32>' },
  ];
}

/** The product of the sizes, with the batch at hand from the uniform block. */
function boundOf(scope: ShaderScope, sizes: readonly Dimension[]): WgslExpression {
  let factor = 1;
  let product: WgslExpression | undefined;
  for (const size of sizes) {
    if (typeof size === 'number') {
      factor *= size;
      continue;
    }
    let value: WgslExpression = scope.uniform('batch').code;
    if (size.times !== 1) value = binary('*', value, unsigned(size.times));
    if (size.plus > 0) value = binary('+', value, unsigned(size.plus));
    if (size.plus < 0) value = binary('-', value, unsigned(-size.plus));
    product = product ? binary('*', product, value) : value;
  }
  if (!product) return unsigned(factor);
  return factor === 1 ? product : binary('*', product, unsigned(factor));
}
