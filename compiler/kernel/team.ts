/**
 * Threads of a workgroup that work out reductions together, one team a result (or four neighbouring ones). In: how the
 * workgroup is divided into teams. Out: which elements a member takes, and the members' values joined, in an order that
 * the sizes alone decide, so that every run gives the same bits. All members get the result.
 */
import type { Emitter } from './emitter.ts';
import { binary, cast, literal, variable, U32 } from './expression.ts';
import { quotient, remainder } from './index-division.ts';
import { constant, indexVariable, scaled, sum, type Index } from './index-expression.ts';
import type { Expression, ScalarType, ScratchArray } from './ir.ts';
import { LOCAL_ID } from './thread-ids.ts';

export interface TeamShape {
  /** Members: a power of two. */
  readonly size: number;
  /** Teams of a workgroup: a power of two. */
  readonly teams: number;
  /** Whether neighbouring threads are of one team; else they are of neighbouring teams. */
  readonly adjacent: boolean;
}

/** Joins two sets of values into one. */
export type Combine = (a: readonly Expression[], b: readonly Expression[]) => readonly Expression[];

export class Team {
  readonly shape: TeamShape;
  /** The thread's number in its team. */
  readonly member: Index;
  /** The number of its team in the workgroup. */
  readonly team: Index;
  /** Arrays that members exchange their values through. */
  readonly scratch: ScratchArray[];
  private readonly first: Index;
  private readonly stride: number;

  /** `scratch`: arrays of the kernel that are there already, of as many elements as there are threads, and free. */
  constructor(shape: TeamShape, scratch: readonly ScratchArray[] = []) {
    this.scratch = [...scratch];
    const { size, teams, adjacent } = shape;
    const local = indexVariable(LOCAL_ID, constant(size * teams));
    this.shape = shape;
    this.member = adjacent ? remainder(local, constant(size)) : quotient(local, constant(teams));
    this.team = adjacent ? quotient(local, constant(size)) : remainder(local, constant(teams));
    this.stride = adjacent ? 1 : teams;
    this.first = adjacent ? scaled(this.team, size) : this.team;
  }

  get threads(): number {
    return this.shape.size * this.shape.teams;
  }

  /** Runs `build` for every element from 0 to below `count` that this member takes: the first and each `size` further. */
  along(emitter: Emitter, count: Index, build: (element: Index) => void): void {
    const name = emitter.fresh('k');
    emitter.loop(name, emitter.index(this.member), emitter.index(count), this.shape.size, () =>
      build(indexVariable(name, count)),
    );
  }

  /** What one thread does for its team. */
  once(emitter: Emitter, build: () => void): void {
    emitter.when(binary('eq', emitter.index(this.member), literal(0, 'u32')), build);
  }

  /**
   * The members' values joined, in variables. In two steps: members of the first half (of the digits of the number) join
   * the values of those above them, then each thread joins what these have. All threads of the workgroup must come here.
   */
  join(emitter: Emitter, values: readonly Expression[], combine: Combine): readonly Expression[] {
    const { size } = this.shape;
    const few = 2 ** Math.ceil(Math.log2(size) / 2);
    const arrays = this.arraysFor(values);
    const own = variable(LOCAL_ID, U32);
    const at = (member: Index): Expression => emitter.index(sum(this.first, scaled(member, this.stride)));
    const load = (index: Expression): Expression[] =>
      values.map((value, i) =>
        cast(
          {
            kind: 'scratch_load',
            type: { scalar: exchanged(value.type.scalar), lanes: value.type.lanes },
            array: arrays[i] as number,
            index,
          },
          value.type.scalar,
        ),
      );
    const put = (stored: readonly Expression[]): void =>
      stored.forEach((value, i) =>
        emitter.push({
          kind: 'scratch_store',
          array: arrays[i] as number,
          index: own,
          value: cast(value, exchanged(value.type.scalar)),
        }),
      );
    /** Joins the values of the members from the first on, each `step` further. */
    const gather = (first: Index, step: number, end: number): readonly Expression[] => {
      const totals = load(at(first)).map((value) => emitter.declare('var', 'joined', emitter.depth, value));
      const name = emitter.fresh('other');
      emitter.loop(name, literal(step, 'u32'), literal(end, 'u32'), step, () => {
        const others = load(at(sum(first, indexVariable(name, constant(end))))).map((value) =>
          emitter.declare('let', 'theirs', emitter.depth, value),
        );
        const joined = combine(totals, others).map((value) =>
          emitter.declare('let', 'both', emitter.depth, value),
        );
        totals.forEach((total, i) => emitter.assign(total, joined[i] as Expression));
      });
      return totals;
    };
    put(values);
    emitter.barrier();
    if (size > few) {
      const isLow = binary('lt', emitter.index(this.member), literal(few, 'u32'));
      emitter.when(isLow, () => put(gather(this.member, few, size)));
      emitter.barrier();
    }
    const totals = gather(constant(0), 1, few);
    // Before the arrays are used again.
    emitter.barrier();
    return totals;
  }

  /** An array for each value, none twice. */
  private arraysFor(values: readonly Expression[]): number[] {
    const taken: number[] = [];
    for (const { type } of values) {
      const scalar = exchanged(type.scalar);
      let found = this.scratch.findIndex(
        (array, i) => array.scalar === scalar && array.width === type.lanes && !taken.includes(i),
      );
      if (found < 0)
        found = this.scratch.push({ name: 'partial', scalar, width: type.lanes, length: this.threads }) - 1;
      taken.push(found);
    }
    return taken;
  }
}

/** The type in which a value passes through workgroup memory. */
function exchanged(scalar: ScalarType): ScratchArray['scalar'] {
  if (scalar === 'bool') return 'u32';
  return scalar === 'f16' ? 'f32' : scalar;
}
