/**
 * What `precision = f16` does with each primitive of f32: a total table, after PyTorch's autocast lists where those
 * know the operator. A new primitive says here what half of the digits and a range of 6e-8 to 65504 do to it.
 *
 * - half: takes f16 and adds up in f32. Its result is f16 or f32, as its readers like it.
 * - follows: f16 where what it reads is f16 and somebody reads it as f16, else f32. What moves elements, chooses
 *   among them, or neither leaves the range of its operands nor loses digits.
 * - single: f32. Sums, the exponential family, roots and quotients, whose results or derivatives leave the range of
 *   f16 or cancel.
 * - reads: tells something about its operands in another dtype; takes them as they come.
 * - fixed: has its dtype from the program or the host.
 */
import type { Node, OpName } from '../graph/ir.ts';

export type Precision = 'half' | 'follows' | 'single' | 'reads' | 'fixed';

export const PRECISION: { readonly [P in OpName]: Precision } = {
  parameter: 'fixed',
  state: 'fixed',
  input: 'fixed',
  scalar: 'fixed',
  constant: 'fixed',
  iota: 'fixed',
  random_bits: 'fixed',
  cast: 'fixed',
  gradient: 'fixed',
  // A loop over time is f32 as a whole: its body is a graph of its own.
  argument: 'fixed',
  scan: 'fixed',
  scan_result: 'fixed',
  carried: 'fixed',
  at_turn: 'fixed',
  over_turns: 'fixed',
  matmul: 'half',
  conv: 'half',
  attention: 'half',
  // Sums of exponentials and what is made of them: derivatives, which are taken later than this.
  attention_lse: 'single',
  attention_gradient: 'single',
  select: 'follows',
  detach: 'follows',
  reshape: 'follows',
  transpose: 'follows',
  broadcast: 'follows',
  slice: 'follows',
  reverse: 'follows',
  pad: 'follows',
  concat: 'follows',
  windows: 'follows',
  diagonal: 'follows',
  take: 'follows',
  gather: 'follows',
  reduce_max: 'follows',
  reduce_min: 'follows',
  neg: 'follows',
  abs: 'follows',
  sign: 'follows',
  floor: 'follows',
  ceil: 'follows',
  round: 'follows',
  atan: 'follows',
  tanh: 'follows',
  erf: 'follows',
  add: 'follows',
  sub: 'follows',
  mul: 'follows',
  min: 'follows',
  max: 'follows',
  reduce_sum: 'single',
  reduce_prod: 'single',
  cumsum: 'single',
  scatter_add: 'single',
  exp: 'single',
  log: 'single',
  sqrt: 'single',
  rsqrt: 'single',
  sin: 'single',
  cos: 'single',
  tan: 'single',
  asin: 'single',
  acos: 'single',
  sinh: 'single',
  cosh: 'single',
  div: 'single',
  mod: 'single',
  pow: 'single',
  argmax: 'reads',
  argmin: 'reads',
  top_k: 'reads',
  is_nan: 'reads',
  is_inf: 'reads',
  eq: 'reads',
  ne: 'reads',
  lt: 'reads',
  le: 'reads',
  gt: 'reads',
  ge: 'reads',
  not: 'fixed',
  and: 'fixed',
  or: 'fixed',
};

/** A square has twice the range of its root: above 255 it is infinite in f16. */
const isSquare = (node: Node): boolean => node.op === 'mul' && node.inputs[0] === node.inputs[1];

export const precisionOf = (node: Node): Precision => (isSquare(node) ? 'single' : PRECISION[node.op]);
