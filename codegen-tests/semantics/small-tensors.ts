/** Small tensors that the tests of builtins and operators compute with. */
import { array } from './calculating.ts';

export const x = array([-1.5, -0.5, 0.25, 0.75]);
export const positive = array([0.25, 1, 2.5, 9]);
export const near = array([-0.9, -0.25, 0.5, 1]);
export const cube = array([
  [
    [1, 2],
    [3, 4],
    [5, 6],
  ],
  [
    [7, 8],
    [9, 10],
    [11, 12],
  ],
]);
export const matrix = array([
  [1, 2, 3],
  [4, 5, 6],
]);
/** Columns: three records. */
export const columns = {
  i: array([2, 0, 2], 'u32'),
  s: array([-7, 7, -8], 'i32'),
  u: array([7, 8, 9], 'u32'),
  r: array([
    [1, 2],
    [3, 4],
    [5, 6],
  ]),
};
export const weights = { x, positive, near, cube, matrix };
