/**
 * Tensors larger than one binding of the device: bound in pieces side by side, all of one size but the last. In: a
 * kernel and how many bytes each tensor takes. Out: the same kernel, in which a load takes the piece its element lies in
 * and a store goes to that piece alone. A kernel without such tensors stays as it is.
 */
import { ELEMENT_BYTES } from '../graph/element-bytes.ts';
import { binary, literal, select, spread, variable, U32 } from './expression.ts';
import type { BindingTarget, Expression, Kernel, KernelBinding, Statement } from './ir.ts';
import { pieceBytes, pieceCount, type BindingLimits } from './profile.ts';

/** One binding of a tensor: elements (or vec4s) `from` to below `from + count`. */
interface Piece {
  readonly binding: number;
  readonly from: number;
  readonly count: number;
}

export function inWindows(
  kernel: Kernel,
  bytesOf: (target: BindingTarget) => number,
  limits: BindingLimits,
): Kernel {
  if (kernel.bindings.every(({ tensor }) => bytesOf(tensor) <= limits.bindingBytes)) return kernel;
  const bindings: KernelBinding[] = [];
  const pieces = kernel.bindings.map((binding): Piece[] => {
    const bytes = bytesOf(binding.tensor);
    const count = pieceCount(bytes, limits);
    const size = count === 1 ? bytes : pieceBytes(limits);
    const unit = ELEMENT_BYTES[binding.storage] * binding.width;
    return Array.from({ length: count }, (_, i) => {
      const window = { from: i * size, bytes: Math.min(size, bytes - i * size) };
      bindings.push(count === 1 ? binding : { ...binding, window });
      return {
        binding: bindings.length - 1,
        from: window.from / unit,
        count: Math.ceil(window.bytes / unit),
      };
    });
  });
  return { ...kernel, bindings, body: new Rewriting(pieces).statements(kernel.body) };
}

class Rewriting {
  private readonly pieces: readonly Piece[][];
  /** Expressions are shared: each is rewritten once. */
  private readonly known = new Map<Expression, Expression>();
  private stores = 0;

  constructor(pieces: readonly Piece[][]) {
    this.pieces = pieces;
  }

  statements(list: readonly Statement[]): Statement[] {
    return list.flatMap((s) => this.statement(s));
  }

  private statement(s: Statement): Statement[] {
    switch (s.kind) {
      case 'let':
      case 'var':
      case 'assign':
        return [{ ...s, value: this.expression(s.value) }];
      case 'for':
        return [
          { ...s, from: this.expression(s.from), to: this.expression(s.to), body: this.statements(s.body) },
        ];
      case 'if':
        return [
          {
            ...s,
            condition: this.expression(s.condition),
            then: this.statements(s.then),
            ...(s.else ? { else: this.statements(s.else) } : {}),
          },
        ];
      case 'store':
        return this.store(s.binding, this.expression(s.index), this.expression(s.value));
      case 'scratch_store':
        return [{ ...s, index: this.expression(s.index), value: this.expression(s.value) }];
      case 'barrier':
        return [s];
      default:
        return s satisfies never;
    }
  }

  private store(binding: number, index: Expression, value: Expression): Statement[] {
    const pieces = this.pieces[binding]!;
    const [first] = pieces as [Piece];
    if (pieces.length === 1) return [{ kind: 'store', binding: first.binding, index, value }];
    const number = this.stores++;
    const names = { index: `window_index_${number}`, value: `window_value_${number}` };
    const at = variable(names.index, U32);
    const stored = variable(names.value, value.type);
    const into = ({ binding: to, from }: Piece): Statement => ({
      kind: 'store',
      binding: to,
      index: from === 0 ? at : binary('sub', at, literal(from, 'u32')),
      value: stored,
    });
    const chain = pieces.reduceRight<Statement[]>(
      (otherwise, piece) =>
        otherwise.length === 0
          ? [into(piece)]
          : [{ kind: 'if', condition: below(at, piece), then: [into(piece)], else: otherwise }],
      [],
    );
    return [
      { kind: 'let', name: names.index, value: index },
      { kind: 'let', name: names.value, value },
      ...chain,
    ];
  }

  private expression(e: Expression): Expression {
    const known = this.known.get(e);
    if (known) return known;
    const made = this.rewritten(e);
    this.known.set(e, made);
    return made;
  }

  private rewritten(e: Expression): Expression {
    const into = (operand: Expression): Expression => this.expression(operand);
    switch (e.kind) {
      case 'literal':
      case 'variable':
      case 'batch':
      case 'turn':
      case 'scalar':
        return e;
      case 'load':
        return this.load(e, into(e.index));
      case 'scratch_load':
        return { ...e, index: into(e.index) };
      case 'unary':
      case 'cast':
      case 'splat':
      case 'lane':
        return { ...e, operand: into(e.operand) };
      case 'binary':
        return { ...e, left: into(e.left), right: into(e.right) };
      case 'fma':
        return { ...e, a: into(e.a), b: into(e.b), c: into(e.c) };
      case 'select':
        return {
          ...e,
          condition: into(e.condition),
          whenTrue: into(e.whenTrue),
          whenFalse: into(e.whenFalse),
        };
      case 'vector': {
        const [a, b, c, d] = e.lanes;
        return { ...e, lanes: [into(a), into(b), into(c), into(d)] };
      }
      case 'random_bits':
        return { ...e, element: into(e.element) };
      default:
        return e satisfies never;
    }
  }

  /** Both sides of a select are worked out: an index that lies in another piece is moved to an end of this one. */
  private load(e: Extract<Expression, { kind: 'load' }>, index: Expression): Expression {
    const pieces = this.pieces[e.binding]!;
    const from = ({ binding, from: start, count }: Piece, isLast: boolean): Expression => {
      const begin = literal(start, 'u32');
      const inside = start === 0 ? index : binary('sub', binary('max', index, begin), begin);
      const at = isLast ? inside : binary('min', inside, literal(count - 1, 'u32'));
      return { ...e, binding, index: at };
    };
    return pieces
      .slice(0, -1)
      .reduceRight(
        (otherwise, piece) =>
          select(spread(below(index, piece), e.type.lanes), from(piece, false), otherwise),
        from(pieces.at(-1)!, true),
      );
  }
}

const below = (index: Expression, { from, count }: Piece): Expression =>
  binary('lt', index, literal(from + count, 'u32'));
