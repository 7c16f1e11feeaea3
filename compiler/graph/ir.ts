/**
 * The tensor graph: typed SSA in topological order. In: what semantics elaborates. Out: what autodiff,
 * passes and schedule work on. A node is one primitive; its inputs have smaller ids. Broadcasting is
 * explicit: element-wise operands have equal shapes.
 *
 * A loop over time is one node, `scan`, which holds its body as a `Graph` among its attributes and gives its
 * results through the projecting primitive `scan_result`, so a value stays the id of one node. Before
 * scheduling the body's nodes are laid into the graph around it (`passes/lay-out-scans.ts`); `loops` says which.
 */
import type { DType, Span, StorageType } from '../../runtime/plan-format.ts';
import type { Dimension } from './dimension.ts';

export type { DType, StorageType };

export interface TensorType {
  readonly dtype: DType;
  readonly shape: readonly Dimension[];
}

/**
 * Of a convolution, one entry a spatial axis. Element o of the result sees the elements
 * o * stride + k * kernelDilation - before of the input, which has inputDilation - 1 zeros between neighbours.
 * `before` and `after` are zeros around it; below 0 they cut elements off.
 */
export interface ConvolutionAttributes {
  readonly strides: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly inputDilations: readonly number[];
  readonly kernelDilations: readonly number[];
}

/** Scores are scale * q . k; with `causal` query i sees keys up to i. */
export interface AttentionAttributes {
  readonly scale: number;
  readonly causal: boolean;
}

interface None {
  readonly kind?: never;
}

export type UnaryOp =
  | 'neg' | 'abs' | 'sign' | 'floor' | 'ceil' | 'round' | 'exp' | 'log' | 'sqrt' | 'rsqrt' | 'sin' | 'cos' | 'tan'
  | 'asin' | 'acos' | 'atan' | 'sinh' | 'cosh' | 'tanh' | 'erf' | 'is_nan' | 'is_inf' | 'not'; // prettier-ignore

export type BinaryOp =
  | 'add' | 'sub' | 'mul' | 'div' | 'mod' | 'pow' | 'min' | 'max' | 'and' | 'or'
  | 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'; // prettier-ignore

/** The attributes of each primitive. Shapes are the result's where inputs do not tell. */
export type OpAttributes = {
  /** A weight, by checkpoint name. */
  parameter: { readonly name: string };
  /** A named tensor that outlives a step: layer state, or a slab in an update graph. */
  state: { readonly name: string };
  /** A raw field of the batch, or a model's input; `storage` is how it lies in memory. */
  input: { readonly name: string; readonly storage: StorageType };
  /** A number from the uniform block, shape []. */
  scalar: { readonly name: string };
  /** A number of shape []; a Dimension is the size itself, known only when the routine runs. bool: 0 or 1. */
  constant: { readonly value: Dimension };
  /** 0, 1, 2 … along `axis`. dtype u32. */
  iota: { readonly axis: number };
  /** Uniform u32 bits from threefry2x32: key (seed, draw), counter (stream, element). */
  random_bits: { readonly stream: number };
  cast: None;
  /** select(condition, whenTrue, whenFalse); bool condition, equal shapes. */
  select: None;
  /** Passes its input on; its derivative is zero. */
  detach: None;
  /** d(sum of input 0) / d(input 1), of input 1's type. Expanded by autodiff; no other stage sees it. */
  gradient: None;
  reshape: None;
  /** Result axis i is input axis permutation[i]. */
  transpose: { readonly permutation: readonly number[] };
  /** Equal rank; axes of size 1 are repeated to the result's size. */
  broadcast: None;
  /** Elements start, start + step, … below limit, per axis; step >= 1. */
  slice: {
    readonly starts: readonly Dimension[];
    readonly limits: readonly Dimension[];
    readonly steps: readonly number[];
  };
  reverse: { readonly axes: readonly number[] };
  /** `interior` elements between neighbours; input 1 is the value (shape []). */
  pad: {
    readonly before: readonly number[];
    readonly after: readonly number[];
    readonly interior: readonly number[];
  };
  /**
   * Overlapping pieces of axes, ascending: an axis becomes the places where a window of `size` elements,
   * `dilation` apart, lies inside, `stride` apart; the windows' own axes follow last, in the order of `axes`.
   * Element (…, position, …, k) is (…, position * stride + k * dilation, …).
   */
  windows: {
    readonly axes: readonly number[];
    readonly sizes: readonly number[];
    readonly strides: readonly number[];
    readonly dilations: readonly number[];
  };
  /** Two axes of one size become one, at the place of the first: the elements whose two indices are equal. */
  diagonal: { readonly first: number; readonly second: number };
  /** Along `axis`, any number of inputs. */
  concat: { readonly axis: number };
  /**
   * Reduced axes disappear. `axes` ascending, not empty. No bool. Sums and products of f16 are formed in f32
   * and may stay f32.
   */
  reduce_sum: { readonly axes: readonly number[] };
  /** The gradient of a tie is divided, unless `ties` gives it to the first of the equal elements. */
  reduce_max: { readonly axes: readonly number[]; readonly ties?: 'first' };
  reduce_min: { readonly axes: readonly number[] };
  reduce_prod: { readonly axes: readonly number[] };
  /** u32; the first of equals. The axis disappears. */
  argmax: { readonly axis: number };
  argmin: { readonly axis: number };
  /** Sums of all elements up to each (`reverse`: from each on) along `axis`. No bool; f16 adds up in f32. */
  cumsum: { readonly axis: number; readonly reverse: boolean };
  /** u32: where the `k` largest stand along `axis`, largest first, of equals the lower index first. */
  top_k: { readonly axis: number; readonly k: number };
  /** [batch…, M, K] x [batch…, K, N] -> [batch…, M, N]; equal batch axes, rank >= 2. f32; f16 adds up in f32. */
  matmul: None;
  /**
   * Cross-correlation of x[N, groups, in, size…] with w[groups, out, in, kernel…] -> [N, groups, out, size…],
   * one or two spatial axes. f32; f16 adds up in f32. A pass expands it into views and a matmul.
   */
  conv: ConvolutionAttributes;
  /**
   * attention(q, k, v, mask): sum over keys of softmax(scores) * v for q[batch…, Tq, d], k[batch…, Tk, d],
   * v[batch…, Tk, e]. The mask is left out, or true where attention is allowed, of a shape that broadcasts to the
   * scores'; a row that allows nothing gives zeros. f32; f16 is worked out in f32.
   */
  attention: AttentionAttributes;
  /** attention_lse(q, k, mask): the logarithm of the sum of exp(score) over the keys, [batch…, Tq]; 0 of an empty row. */
  attention_lse: AttentionAttributes;
  /**
   * attention_gradient(q, k, v, lse, delta, g, mask): what the gradient g of the result gives `by` q, k or v, from what
   * `attention_lse` says and delta = sum(g * result) over the last axis.
   */
  attention_gradient: AttentionAttributes & { readonly by: 'queries' | 'keys' | 'values' };
  /** take(x, index): whole slices of x along `axis`; the index's axes stand in its place. Index u32. */
  take: { readonly axis: number };
  /** gather(x, index): result[i, j] = x[index[i, j], j] for axis 0; the index has the result's shape. u32. */
  gather: { readonly axis: number };
  /**
   * scatter_add(x, index, source): x with source added along `axis`, in the index's order. An index of rank 1
   * names a slice of x each; one of the source's shape names an element each (the transpose of gather).
   */
  scatter_add: { readonly axis: number };
  /** In the body of a scan: input `index` of the scan, of a sequence one turn's slice. */
  argument: { readonly index: number };
  /** A loop over time; its results are read by `scan_result` alone. Its own type says nothing. */
  scan: ScanAttributes;
  /** Result `index` of a scan: the last value of a carry, then what each emit gave, stacked along axis 0. */
  scan_result: { readonly index: number };
  /** In a graph with `loops`: the slice of the input along axis 0 that belongs to the turn at hand. */
  at_turn: LoopAttributes;
  /** In a graph with `loops`: what a carry holds when the turn begins; `stack` is its `over_turns`. */
  carried: { readonly stack: number };
  /**
   * In a graph with `loops`: the values that input 0 takes turn by turn, along axis 0. With an input 1, the
   * initial value of a carry, that one comes first; fewer slots than values are used in turns.
   */
  over_turns: LoopAttributes & { readonly slots: number };
} & { [P in UnaryOp | BinaryOp]: None };

/**
 * Inputs: the initial values of the carries, sequences (`turns` along axis 0), values that stay the same. The
 * body's `argument` leaves are these; its outputs are the next values of the carries, then the emits.
 */
export interface ScanAttributes extends TurnAttributes {
  readonly carries: number;
  readonly sequences: number;
  readonly body: Graph;
}

export interface TurnAttributes {
  readonly turns: number;
  /** Turn t takes and leaves elements at turns - 1 - t along axis 0, not at t. */
  readonly reverse: boolean;
}

/** Of a loop that is laid out: so many loops are around it. */
export interface LoopAttributes extends TurnAttributes {
  readonly depth: number;
}

export type OpName = keyof OpAttributes;

/** What a node is a part of, where the user knows the whole by a name of its own. */
export type Origin = 'conv' | 'pool';

export type Phase = 'forward' | 'backward' | 'update';

/** One primitive. `Node` is a union over all operators, so `switch (node.op)` narrows the attributes. */
export type Node = { [P in OpName]: NodeOf<P> }[OpName];

export interface NodeOf<P extends OpName> {
  readonly id: number;
  readonly op: P;
  readonly inputs: readonly number[];
  readonly attributes: OpAttributes[P];
  readonly type: TensorType;
  /** From the user's line inwards: the call in the program first, the line in std.net last. */
  readonly source: readonly Span[];
  readonly phase: Phase;
  readonly origin?: Origin | undefined;
  /** Worked out a second time to save memory: the number of the segment it belongs to. */
  readonly again?: number | undefined;
  /** The name the program gives the value (a binding), for readers. */
  readonly label?: string | undefined;
  /** Where in the model's parts it was written, for readers: `net.blocks.0.attn.softmax`. Rewriting may lose it. */
  readonly scope?: string | undefined;
}

/** What a graph is for. `result`: read by the host. The others overwrite the tensor of that name. */
export type OutputRole = 'result' | 'gradient' | 'state' | 'update';

export interface GraphOutput {
  readonly name: string;
  readonly value: number;
  readonly role: OutputRole;
}

export interface Graph {
  readonly name: string;
  /** `nodes[i].id === i`. */
  readonly nodes: readonly Node[];
  readonly outputs: readonly GraphOutput[];
  /**
   * Runs of nodes that are computed turn by turn, ascending, apart or one inside the other, the outer one first. Only
   * after `layOutScans`.
   */
  readonly loops?: readonly Loop[];
}

/** The nodes `first` to `last` are the body of a loop, with the loops that it holds and their stacks. */
export interface Loop {
  readonly turns: number;
  readonly first: number;
  readonly last: number;
  /** The `over_turns` nodes it fills; they come after `last`. */
  readonly stacks: readonly number[];
}
