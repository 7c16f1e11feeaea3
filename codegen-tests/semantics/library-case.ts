/** One use of a function or layer of the standard library, with its value by a closed form. */
import type { HostTensor } from '../../compiler/graph/host-tensor.ts';
import { gradientsOf, valueOf, type Calculation } from './calculating.ts';

export interface LibraryCase {
  /** The name in std.net. */
  readonly of: string;
  readonly what?: string;
  /** Over `weights` and `columns` by their names; a layer is fed `x` under the label `it`. */
  readonly expression: string;
  readonly weights?: Readonly<Record<string, HostTensor>>;
  readonly columns?: Readonly<Record<string, HostTensor>>;
  /** Weights of the layer, by name. */
  readonly inside?: Readonly<Record<string, HostTensor>>;
  readonly declarations?: string;
  /** Differentiated by these; by default by all weights. */
  readonly variables?: readonly string[];
  readonly expected: HostTensor;
  /** How often it is differentiated by the weights; 0 where it has no derivative. */
  readonly orders: 0 | 1 | 2;
}

/** `x -> dense(4)` in a model of any shape. */
export function layerCase(
  layer: string,
  given: Omit<LibraryCase, 'of' | 'expression'> & { readonly dtype?: string },
): LibraryCase {
  const { dtype = '', inside = {}, ...rest } = given;
  return {
    ...rest,
    inside,
    of: layer.replace(/\(.*/, ''),
    // The product is a value of its own where the layer passes its input on.
    expression: 'net(x) * 1',
    declarations: `model net: x[...] ${dtype} -> [...] { return x -> it: ${layer} }`,
  };
}

function calculationOf(each: LibraryCase): Omit<Calculation, 'body'> {
  const { weights, columns, inside = {}, declarations } = each;
  return {
    weights,
    columns,
    declarations,
    values: Object.fromEntries(Object.entries(inside).map(([name, value]) => [`net.it.${name}`, value])),
  };
}

export const caseValue = (each: LibraryCase): HostTensor => valueOf(each.expression, calculationOf(each));

/** Derivatives of a sum of the elements, each with a factor of its own. */
export function caseGradients(each: LibraryCase): ReturnType<typeof gradientsOf> {
  const calculation = calculationOf(each);
  const body = `    y = ${each.expression}
    n = reshape(y, -1).shape[0]
    loss = sum(reshape(y, -1) * (1 + sin(f32(iota(n)))))`;
  return gradientsOf(
    { ...calculation, body },
    {
      orders: each.orders === 2 ? 2 : 1,
      ...(each.variables ? { variables: each.variables } : {}),
    },
  );
}
