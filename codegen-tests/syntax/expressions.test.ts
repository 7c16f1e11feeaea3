import { describe, expect, test } from 'vitest';
import { parse } from '../../compiler/syntax/parse.ts';
import { errors, expression, short } from './support.ts';

describe('precedence', () => {
  const cases: [string, string][] = [
    ['-x^2', '-(x ^ 2)'],
    ['x ^ -0.5', 'x ^ (-0.5)'],
    ['x ^ -y ^ 2', 'x ^ (-(y ^ 2))'],
    ['a ^ b ^ c', 'a ^ (b ^ c)'],
    ['-x * y', '(-x) * y'],
    ['x * -y', 'x * (-y)'],
    ['--x', '-(-x)'],
    ['a - b - c', '(a - b) - c'],
    ['a / b * c', '(a / b) * c'],
    ['a + b * c @ d % e', 'a + (((b * c) @ d) % e)'],
    ['a + b < c - d', '(a + b) < (c - d)'],
    ['not a == b', 'not (a == b)'],
    ['not not a', 'not (not a)'],
    ['not a and not b or c', '((not a) and (not b)) or c'],
    ['a or b and c', 'a or (b and c)'],
    ['a <= b and c != d', '(a <= b) and (c != d)'],
    ['-x.T', '-x.T'],
    ['-f(x)[0]', '-f(x)[0]'],
    ['2 * x ^ 2', '2 * (x ^ 2)'],
    ['x + y -> f', '(x + y) -> f'],
    ['a or b -> f -> g', '((a or b) -> f) -> g'],
    ['(x -> f) + y', '(x -> f) + y'],
    ['x -> m.head -> blocks[0](3)', '(x -> m.head) -> blocks[0](3)'],
    ['x -> fc: dense(10)', 'x -> fc: dense(10)'],
    ['(not x) == y', '(not x) == y'],
    ['(-x) ^ 2', '(-x) ^ 2'],
    ['((x))', 'x'],
    ['(x,)', 'x'],
    ['(x, y,)', '(x, y)'],
    ['((a, b), c)', '((a, b), c)'],
    ['f()', 'f()'],
    ['f(a, b = 1,)', 'f(a, b = 1)'],
    ['frozen(net)(x)', 'frozen(net)(x)'],
    ['x -> (relu)', 'x -> relu'],
  ];
  test.each(cases)('%s', (text, parenthesized) => {
    expect(expression(text)).toBe(parenthesized);
  });
});

test('indices', () => {
  expect(expression('h[:, -1]')).toBe('h[:, -1]');
  expect(expression('x[..., 4:, :-1, ::2, 1:9:3, a, :, 1::2, :5:2]')).toBe(
    'x[..., 4:, :(-1), ::2, 1:9:3, a, :, 1::2, :5:2]',
  );
  expect(expression('x[0,]')).toBe('x[0]');
  expect(expression('x[a -> b : c]')).toBe('x[a -> b: c]');
  expect(expression('x[(a -> b):c]')).toBe('x[(a -> b):c]');
  expect(expression('x[a -> b() : c]')).toBe('x[(a -> b()):c]');
});

test('numbers', () => {
  const value = (text: string): unknown => {
    const [declaration] = parse(`let a = ${text}`, 'a.net').tree.declarations;
    if (declaration?.kind !== 'let' || declaration.value.kind !== 'number') throw new Error('another tree');
    const { value: number, integer, unit } = declaration.value;
    return unit === undefined ? [number, integer] : [number, integer, unit];
  };
  expect(value('12')).toEqual([12, true]);
  expect(value('1.5')).toEqual([1.5, false]);
  expect(value('.5')).toEqual([0.5, false]);
  expect(value('20_000')).toEqual([20000, true]);
  expect(value('1_0.2_5e10')).toEqual([10.25e10, false]);
  expect(value('1e-3')).toEqual([0.001, false]);
  expect(value('2E+4')).toEqual([20000, false]);
  expect(value('10%')).toEqual([0.1, false]);
  expect(value('7%')).toEqual([0.07, false]);
  expect(value('0.1%')).toEqual([0.001, false]);
  expect(value('1e1%')).toEqual([0.1, false]);
  expect(value('1 epoch')).toEqual([1, true, 'epoch']);
  expect(value('250 steps')).toEqual([250, true, 'step']);
  expect(value('64MB')).toEqual([64, true, 'MB']);
  expect(value('1.5 GB')).toEqual([1.5, false, 'GB']);
});

test('the percent sign by touch', () => {
  expect(expression('10 % 3')).toBe('10 % 3');
  expect(expression('10 %3')).toBe('10 % 3');
  expect(expression('x%3')).toBe('x % 3');
  expect(expression('(10)%3')).toBe('10 % 3');
  expect(expression('10% - 3')).toBe('10% - 3');
  expect(expression('10%-3')).toBe('10% - 3');
  expect(errors('let a = 10%3').map(short)).toEqual(['E0106 1:9']);
});

test('a unit stands on the line of its number', () => {
  expect(expression('every(10 steps, epoch = 3)')).toBe('every(10 step, epoch = 3)');
  expect(errors('let a = f(10\n  steps)').map(short)).toEqual(['E0102 2:3']);
});

test('strings', () => {
  expect(expression(String.raw`f("a\"b\\c\n\t", "", "# no comment", "ä → ∞")`)).toBe(
    String.raw`f("a\"b\\c\n\t", "", "# no comment", "ä → ∞")`,
  );
});
