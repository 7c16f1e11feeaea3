/** Samples of the element-wise primitives of two operands. */
import type { GraphBuilder } from '../../compiler/graph/builder.ts';
import { constantLike } from '../../compiler/graph/convenience.ts';
import type { BinaryOp } from '../../compiler/graph/ir.ts';
import { anywhere, away, between, binary, integers, truths } from './elementwise.ts';
import { sample, vector, type OpSample } from './sample.ts';

const anyOther = (_x: number, u: number): number => 4 * u - 2;
/** Another number, at least 0.1 away, above or below. */
const apart = (x: number, u: number): number => x + (u < 0.5 ? -0.1 - u : u);
/** Sometimes the same number. */
const maybeEqual = (x: number, u: number): number => (u < 0.3 ? x : u < 0.6 ? x - u : x + u);
const nonZero = (_x: number, u: number): number => (u < 0.5 ? -0.5 - u : u);

/** The results where the first operand is less than, equal to and greater than the second. */
function comparison(op: BinaryOp, less: number, equal: number, greater: number): OpSample[] {
  const points = [
    [1, 2, 3, -1, 0],
    [2, 2, 2, 1, 0],
    [less, equal, greater, less, equal],
  ] as const;
  return binary(op, points, anywhere, maybeEqual, [
    integers(
      op,
      'u32',
      [
        [1, 2, 2 ** 32 - 1],
        [2, 2, 1],
      ],
      [less, equal, greater],
    ),
    integers(
      op,
      'i32',
      [
        [-1, 2, 1],
        [1, 2, -(2 ** 31)],
      ],
      [less, equal, greater],
    ),
  ]);
}

const cube = (b: GraphBuilder, x: number): number => b.add('pow', [x, constantLike(b, x, 3)], {});

export const BINARY_SAMPLES: Readonly<Record<BinaryOp, readonly OpSample[]>> = {
  add: binary(
    'add',
    [
      [1, -1.5],
      [2, 0.5],
      [3, -1],
    ],
    anywhere,
    anyOther,
    [
      integers(
        'add',
        'i32',
        [
          [2 ** 31 - 1, -5, 3],
          [1, 2, 4],
        ],
        [-(2 ** 31), -3, 7],
      ),
      integers(
        'add',
        'u32',
        [
          [2 ** 32 - 1, 5],
          [2, 6],
        ],
        [1, 11],
      ),
    ],
  ),
  sub: binary(
    'sub',
    [
      [1, -1.5],
      [2, 0.5],
      [-1, -2],
    ],
    anywhere,
    anyOther,
    [
      integers(
        'sub',
        'i32',
        [
          [-(2 ** 31), 5],
          [1, 7],
        ],
        [2 ** 31 - 1, -2],
      ),
      integers(
        'sub',
        'u32',
        [
          [0, 5],
          [1, 3],
        ],
        [2 ** 32 - 1, 2],
      ),
    ],
  ),
  mul: binary(
    'mul',
    [
      [3, -1.5],
      [2, 0.5],
      [6, -0.75],
    ],
    anywhere,
    anyOther,
    [
      integers(
        'mul',
        'i32',
        [
          [65536, -7, 2 ** 31 - 1],
          [65536, 3, 2],
        ],
        [0, -21, -2],
      ),
      integers(
        'mul',
        'u32',
        [
          [2 ** 32 - 1, 65537],
          [2 ** 32 - 1, 65537],
        ],
        [1, 131073],
      ),
    ],
  ),
  div: binary(
    'div',
    [
      [3, -1],
      [2, 4],
      [1.5, -0.25],
    ],
    anywhere,
    nonZero,
    [
      integers(
        'div',
        'i32',
        [
          [7, -7, 7, -7],
          [2, 2, -2, -2],
        ],
        [3, -3, -3, 3],
      ),
      integers(
        'div',
        'u32',
        [
          [7, 2 ** 32 - 1, 1],
          [2, 2, 3],
        ],
        [3, 2 ** 31 - 1, 0],
      ),
    ],
  ),
  mod: binary(
    'mod',
    [
      [5.5, -5.5, 5.5, 3],
      [2, 2, -2, 3],
      [1.5, -1.5, 1.5, 0],
    ],
    (u) => (u < 0.5 ? -1 - u : 0.5 + u),
    (x, u) => x / away(0)(u),
    [
      integers(
        'mod',
        'i32',
        [
          [7, -7, 7, -7],
          [3, 3, -3, -3],
        ],
        [1, -1, 1, -1],
      ),
      integers(
        'mod',
        'u32',
        [
          [7, 2 ** 32 - 1],
          [3, 10],
        ],
        [1, 5],
      ),
    ],
  ),
  pow: binary(
    'pow',
    [
      [2, -2, -2, 2, -2, 0, 0, 4, -3],
      [3, 3, 2, -1, -3, 0, 2, 0.5, 0],
      [8, -8, 4, 0.5, -0.125, 1, 0, 2, 1],
    ],
    between(0.2, 2),
    (_x, u) => 5 * u - 2,
    [
      integers(
        'pow',
        'i32',
        [
          [2, -3, -2, 3],
          [10, 3, 31, 0],
        ],
        [1024, -27, -(2 ** 31), 1],
      ),
      integers(
        'pow',
        'u32',
        [
          [3, 0, 2],
          [4, 0, 32],
        ],
        [81, 1, 0],
      ),
      sample('pow with negative base', { x: vector([-1.5, -0.5, 0, 2]) }, cube, {
        expected: [-3.375, -0.125, 0, 8],
      }),
    ],
  ),
  min: binary(
    'min',
    [
      [1, 2, -1, NaN, 1],
      [2, 1, -1, 1, NaN],
      [1, 1, -1, NaN, NaN],
    ],
    anywhere,
    apart,
    [
      integers(
        'min',
        'i32',
        [
          [-1, 3],
          [1, 2],
        ],
        [-1, 2],
      ),
      integers(
        'min',
        'u32',
        [
          [2 ** 32 - 1, 3],
          [1, 4],
        ],
        [1, 3],
      ),
    ],
  ),
  max: binary(
    'max',
    [
      [1, 2, -1, NaN, 1],
      [2, 1, -1, 1, NaN],
      [2, 2, -1, NaN, NaN],
    ],
    anywhere,
    apart,
    [
      integers(
        'max',
        'i32',
        [
          [-1, 3],
          [1, 2],
        ],
        [1, 3],
      ),
      integers(
        'max',
        'u32',
        [
          [2 ** 32 - 1, 3],
          [1, 4],
        ],
        [2 ** 32 - 1, 4],
      ),
    ],
  ),
  and: [truths('and', [1, 0, 0, 0])],
  or: [truths('or', [1, 1, 1, 0])],
  eq: [...comparison('eq', 0, 1, 0), truths('eq', [1, 0, 0, 1])],
  ne: [...comparison('ne', 1, 0, 1), truths('ne', [0, 1, 1, 0])],
  lt: comparison('lt', 1, 0, 0),
  le: comparison('le', 1, 1, 0),
  gt: comparison('gt', 0, 0, 1),
  ge: comparison('ge', 0, 1, 1),
};
