/**
 * How the packed product runs over K: in blocks whose panels fit the caches, and inside of a block in one loop, or in one for
 * each axis that a view merges into K, so that packing divides nothing (`contraction.ts`). In: sizes. Out: the blocks.
 */
import { U32, binary, literal, variable } from '../expression.ts';
import type { Emitter } from '../emitter.ts';
import {
  constant,
  indexVariable,
  isConstant,
  isMultiple,
  scaled,
  sum,
  type Index,
} from '../index-expression.ts';
import type { Expression } from '../ir.ts';
import { countOf, flatten, unflatten } from '../shapes.ts';

export interface LoopOfK {
  readonly turns: Expression;
  /** Of the largest block. */
  readonly most: number;
  /** The turns are a multiple of four. */
  readonly inFours: boolean;
}

/** What is packed at a time. */
export interface BlockOfK {
  /** From the outermost in; their product are the places of a panel. */
  readonly loops: readonly LoopOfK[];
  readonly turns: Expression;
  /** The place of K at a turn of each loop. */
  at(turns: readonly Index[]): Index;
}

export interface Depth {
  /** Places of K in a block, at most. */
  readonly depth: number;
  /** One block is all of K. */
  readonly isWhole: boolean;
  /** How many blocks there are. */
  count(emitter: Emitter): Expression;
  /** `name`: the variable of a loop over the blocks; undefined for the first of them. */
  block(emitter: Emitter, name: string | undefined): BlockOfK;
}

const number = (value: number): Expression => literal(value, 'u32');

/** Blocks of `depth` places, the last of which may be shorter, in one loop. `most`: K at the largest batch. */
export function evenDepth(size: Index, depth: number, most: number): Depth {
  const inFours = isMultiple(size, 4);
  const isWhole = most <= depth;
  const blocks = constant(Math.ceil(most / depth));
  return {
    depth,
    isWhole,
    count: (emitter) => binary('div', binary('add', emitter.index(size), number(depth - 1)), number(depth)),
    block(emitter, name) {
      const all = emitter.index(size);
      if (isWhole || name === undefined) return single(all);
      const rest = binary('sub', all, binary('mul', variable(name, U32), number(depth)));
      const turns = emitter.declare('let', 'turns', emitter.depth, binary('min', rest, number(depth)));
      return single(turns, scaled(indexVariable(name, blocks), depth));
    },
  };

  function single(turns: Expression, start: Index = constant(0)): BlockOfK {
    const loops = [{ turns, most: depth, inFours }];
    return { loops, turns, at: ([k]) => sum(start, k as Index) };
  }
}

/**
 * A block is the innermost loops that have at most `most` places together; the others are one loop over the blocks.
 * Undefined where that is no more than one loop.
 */
export function nestedDepth(sizes: readonly Index[], most: number): Depth | undefined {
  let from = sizes.length;
  let depth = 1;
  for (;;) {
    const size = sizes[from - 1];
    if (!size || !isConstant(size) || depth * size.constant > most) break;
    depth *= size.constant;
    from--;
  }
  if (sizes.length - from < 2) return undefined;
  const outer = sizes.slice(0, from);
  const inner = sizes.slice(from).map(({ constant: size }) => size);
  const blocks = countOf(outer);
  const loops = inner.map((size) => ({ turns: number(size), most: size, inFours: size % 4 === 0 }));
  return {
    depth,
    isWhole: outer.length === 0,
    count: (emitter) => emitter.index(blocks),
    block: (_, name) => {
      const at =
        name === undefined ? outer.map(() => constant(0)) : unflatten(indexVariable(name, blocks), outer);
      return { loops, turns: number(depth), at: (turns) => flatten([...at, ...turns], sizes) };
    },
  };
}
