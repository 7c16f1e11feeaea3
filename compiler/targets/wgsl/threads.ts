/**
 * Threads of a kernel as workgroups. In: threads wanted along x, y, z, as products of sizes. Out: the dispatch
 * at the largest batch, and the statements that give the ids of `thread-ids.ts` and send surplus threads home.
 * Holds: no dimension of the dispatch exceeds the device's limit; more workgroups are folded into y and z. Where a kernel
 * has barriers, whether a workgroup goes home follows from its own place and the uniform block alone.
 */
import { dimensionAt, type Dimension } from '../../graph/dimension.ts';
import { binary, member, name, unsigned, type WgslExpression, type WgslModule } from './ast.ts';
import { AXES, GROUP_IDS, LOCAL_ID } from '../../kernel/thread-ids.ts';
import type { ShaderScope } from './shader-scope.ts';

export type Groups = [number, number, number];

export interface Threads {
  readonly groups: Groups;
  readonly builtins: WgslModule['builtins'];
}

export interface ThreadOptions {
  /** The largest batch. */
  readonly batch: number;
  /** Workgroups along one dimension of a dispatch. */
  readonly limit: number;
  /** Which ids the body refers to. */
  readonly used: ReadonlySet<string>;
  /** The threads of a workgroup meet at barriers: it goes home as a whole, and one that stays is whole. */
  readonly together: boolean;
}

/** Pushes the statements into the scope. */
export function emitThreads(scope: ShaderScope, { batch, limit, used, together }: ThreadOptions): Threads {
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
    return exact && !behind ? [] : [{ axis, i, bound: boundOf(scope, threads[i]!) }];
  });
  const guarded = new Set<string>(guards.map(({ axis, i }) => (together ? GROUP_IDS[i]! : axis)));
  const needed = (id: string): boolean => used.has(id) || guarded.has(id);

  const positions = folded ? foldedPositions(scope, needed, tiles, groups) : plainPositions(scope, needed);
  const builtins = [
    ...positions,
    ...(used.has(LOCAL_ID) ? [{ name: LOCAL_ID, builtin: 'local_invocation_index', type: 'u32' }] : []),
  ];
  if (guards.length > 0) {
    const first = (axis: string, i: number): WgslExpression =>
      together ? times(name(GROUP_IDS[i]!), workgroup[i]!) : name(axis);
    const condition = guards
      .map(({ axis, i, bound }) => binary('>=', first(axis, i), bound))
      .reduce((left, right) => binary('||', left, right));
    scope.push({ kind: 'if', condition, then: [{ kind: 'return' }], else: [] });
  }
  return { groups, builtins };
}

const times = (value: WgslExpression, factor: number): WgslExpression =>
  factor === 1 ? value : binary('*', value, unsigned(factor));

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

type Needed = (id: string) => boolean;

function plainPositions(scope: ShaderScope, needed: Needed): WgslModule['builtins'] {
  const take = (ids: readonly string[], from: string, builtin: string): WgslModule['builtins'] => {
    let any = false;
    ids.forEach((id, i) => {
      if (!needed(id)) return;
      any = true;
      scope.push({ kind: 'let', name: id, value: member(name(from), AXES[i]!) });
    });
    return any ? [{ name: from, builtin, type: 'vec3<u32>' }] : [];
  };
  return [...take(AXES, 'global', 'global_invocation_id'), ...take(GROUP_IDS, 'workgroup', 'workgroup_id')];
}

/** Numbers all workgroups in a row, then takes the position of each apart again. */
function foldedPositions(
  scope: ShaderScope,
  needed: Needed,
  tiles: Groups,
  groups: Groups,
): WgslModule['builtins'] {
  const at = (axis: string): WgslExpression => member(name('workgroup'), axis);
  let number = at('x');
  if (groups[1] > 1) number = binary('+', number, binary('*', at('y'), unsigned(groups[0])));
  if (groups[2] > 1) number = binary('+', number, binary('*', at('z'), unsigned(groups[0] * groups[1])));
  scope.push({ kind: 'let', name: 'group', value: number });
  let rest: WgslExpression = name('group');
  let inside = false;
  AXES.forEach((axis, i) => {
    const isLast = i >= slowest(tiles);
    const position = isLast ? rest : binary('%', rest, unsigned(tiles[i]!));
    const own = i > slowest(tiles) ? unsigned(0) : position;
    if (needed(GROUP_IDS[i]!)) scope.push({ kind: 'let', name: GROUP_IDS[i]!, value: own });
    if (needed(axis)) {
      const size = scope.kernel.workgroup[i]!;
      const first = times(own, size);
      inside ||= size > 1;
      const value = size === 1 ? first : binary('+', first, member(name('inside'), axis));
      scope.push({ kind: 'let', name: axis, value });
    }
    if (!isLast) rest = binary('/', rest, unsigned(tiles[i]!));
  });
  return [
    { name: 'workgroup', builtin: 'workgroup_id', type: 'vec3<u32>' },
    ...(inside ? [{ name: 'inside', builtin: 'local_invocation_id', type: 'vec3<u32>' }] : []),
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
