/** `einsum` against the sum written out as loops over all letters, and its derivatives against differences. */
import { describe, expect, it } from 'vitest';
import { hostTensor, elementCount, type HostTensor } from '../../compiler/graph/host-tensor.ts';
import { gradientsOf, random, valueOf } from './calculating.ts';
import { errorsOf } from './elaborating.ts';
import { at, build } from './reference.ts';

const SIZES: Readonly<Record<string, number>> = { b: 2, h: 2, i: 3, j: 4, k: 5, l: 1, m: 2 };

/** Every combination of letters once; the letters that the result leaves out are summed over. */
function summed(equation: string, operands: readonly HostTensor[]): HostTensor {
  const [left = '', result = ''] = equation.split('->');
  const terms = left.split(',');
  const letters = [...new Set(left.replaceAll(',', ''))];
  const size = (letter: string): number =>
    Math.max(
      ...terms.flatMap((term, o) =>
        [...term].map((l, i) => (l === letter ? (operands[o]?.shape[i] ?? 1) : 1)),
      ),
    );
  const total = build(result === '' ? [] : [...result].map(size), () => 0);
  const all = build(letters.map(size), () => 0);
  const strides = [...result].map((_, i) => elementCount([...result].slice(i + 1).map(size)));
  for (let flat = 0; flat < all.data.length; flat += 1) {
    let rest = flat;
    const value = new Map<string, number>();
    for (const letter of [...letters].reverse()) {
      value.set(letter, rest % size(letter));
      rest = Math.floor(rest / size(letter));
    }
    const product = terms.reduce((p, term, o) => {
      const operand = operands[o] as HostTensor;
      return (
        p *
        at(
          operand,
          [...term].map((l, i) => (operand.shape[i] === 1 ? 0 : (value.get(l) ?? 0))),
        )
      );
    }, 1);
    const place = [...result].reduce((sum, l, i) => sum + (value.get(l) ?? 0) * (strides[i] ?? 1), 0);
    total.data[place] = (total.data[place] ?? 0) + product;
  }
  return total;
}

const EQUATIONS = [
  'ij->ji',
  'ij->i',
  'ii->i',
  'ii->',
  'bii->bi',
  'iji->j',
  'iii->i',
  'ijjk->ik',
  'i,j->ij',
  'i,i->',
  'i,i->i',
  'ij,jk->ik',
  'ij,kj->ki',
  'bij,bkj->bik',
  'bhik,bhjk->bhij',
  'bij,bij->b',
  'ij,j->i',
  'ij,ij->ij',
  'bij,jk,k->bi',
  'i,j,k->kji',
  'ij,jk,kl,lm->im',
  'bi,ij,bj->b',
  'ii,ij->j',
  'ij,k->i',
  'lij,jk->lik',
  ',ij->ij',
] as const;

const shapesOf = (equation: string): number[][] =>
  (equation.split('->')[0] ?? '').split(',').map((term) => [...term].map((letter) => SIZES[letter] ?? 1));

describe('einsum', () => {
  it.each(EQUATIONS)('%s', (equation) => {
    const operands = shapesOf(equation).map((shape, o) => random(shape, 80 + o));
    const weights = Object.fromEntries(operands.map((operand, o) => [`w${o}`, operand]));
    const expression = `einsum("${equation}", ${Object.keys(weights).join(', ')})`;
    const [found, due] = [valueOf(expression, { weights }), summed(equation, operands)];
    expect(found.shape).toEqual(due.shape);
    due.data.forEach((value, i) => expect(found.data[i]).toBeCloseTo(value, 10));

    const body = `    y = reshape(${expression}, -1)\n    loss = sum(tanh(y) * (1 + sin(f32(iota(y.shape[0])))))`;
    const reports = gradientsOf({ weights, body }, { orders: 2 });
    expect(reports.filter((report) => !report.passed)).toEqual([]);
    expect(reports.length).toBe(2 * operands.length);
  });

  const same = (short: string, long: string, shapes: readonly (readonly number[])[]): void => {
    const operands = shapes.map((shape, o) => random(shape, 90 + o));
    const weights = Object.fromEntries(operands.map((operand, o) => [`w${o}`, operand]));
    const found = valueOf(`einsum("${short}", ${Object.keys(weights).join(', ')})`, { weights });
    const due = summed(long, operands);
    expect(found.shape).toEqual(due.shape);
    due.data.forEach((value, i) => expect(found.data[i]).toBeCloseTo(value, 10));
  };

  it('has a result of its own where none is written', () => {
    same('ij,jk', 'ij,jk->ik', [
      [2, 3],
      [3, 4],
    ]);
    same('ba', 'ba->ab', [[2, 3]]);
    same('ii', 'ii->', [[3, 3]]);
  });

  it('broadcasts `...` and axes of size 1', () => {
    same('...ij,...jk->...ik', 'bhij,bhjk->bhik', [
      [2, 3, 4, 5],
      [2, 3, 5, 2],
    ]);
    same('...ij,jk->...ik', 'bij,jk->bik', [
      [2, 4, 5],
      [5, 2],
    ]);
    same('i...,i...->...', 'iab,iab->ab', [
      [3, 2, 4],
      [3, 1, 4],
    ]);
    same('...,...', 'ab,ab->ab', [
      [2, 3],
      [1, 3],
    ]);
    same('a...->a', 'aij->a', [[2, 3, 4]]);
    same('...a->...', 'ija->ij', [[2, 3, 4]]);
    same('ij,jk->ik', 'ij,jk->ik', [
      [2, 3],
      [1, 4],
    ]);
  });

  it('takes a batch of any size', () => {
    const columns = { x: random([3, 4], 95), y: random([3, 4], 96) };
    const found = valueOf('einsum("bi,bi->b", x, y)', { columns });
    due('bi,bi->b', found);
    due('bi,bj->ij', valueOf('einsum("bi,bj->ij", x, y)', { columns }));
    due('bi,ci->bc', valueOf('einsum("bi,ci->bc", x, y)', { columns }));

    function due(equation: string, value: HostTensor): void {
      const wanted = summed(equation, [columns.x, columns.y]);
      expect(value.shape).toEqual(wanted.shape);
      wanted.data.forEach((each, i) => expect(value.data[i]).toBeCloseTo(each, 10));
    }
  });
});

describe('a wrong equation', () => {
  const program = (equation: string, operands = 'x, w'): string => `data d {
  x[B, 4]
  batch = 2
}
model net: x[B, 4] -> y[B, 3] {
  param w[4, 3] = glorot()
  return einsum("${equation}", ${operands})
}
train on d {
  steps = 1
  step {
    loss = mean(net(x))
    minimize loss with sgd(lr = 0.1)
  }
}
`;
  // The first letter of the equation is in column 18.
  it.each([
    ['bi,ij->bk', 'E0201', 26],
    ['bi,ij->bjj', 'E0202', 27],
    ['bi,ijk->bj', 'E0204', 21],
    ['bi,bj->ij', 'E0204', 21],
    ['bi,ij,j->b', 'E0212', 24],
    ['bi->b', 'E0211', 29],
    ['b?,ij->bj', 'E0213', 19],
    ['b......,ij->bj', 'E0202', 22],
    ['bi,ij->bj,b', 'E0213', 27],
  ] as const)('%s is %s at column %i', (equation, code, column) => {
    const errors = errorsOf(program(equation));
    expect(errors.map((error) => [error.code, error.span?.line, error.span?.column])).toEqual([
      [code, 7, column],
    ]);
    expect(errors[0]?.message).toMatchSnapshot();
  });

  it('of integers is refused', () => {
    const errors = errorsOf(program('bi,ij->bj', 'u32(x), w'));
    expect(errors.map(({ code }) => code)).toEqual(['E0209']);
  });

  it('is a scalar where nothing is left', () => {
    expect(summed('i->', [hostTensor([3], [1, 2, 3])]).data).toEqual(Float64Array.of(6));
  });
});
