import { expect, test } from 'vitest';
import { NetParser } from '../../compiler/syntax/grammar.ts';
import { parse } from '../../compiler/syntax/parse.ts';
import { errors, short, statements, tree } from './support.ts';

test('the grammar has no ambiguities', () => {
  expect(() => new NetParser({ validate: true })).not.toThrow();
});

test('an empty file, and one of comments, have no declarations', () => {
  expect(tree('')).toBe('');
  expect(tree('\n\n# nothing\n  # here\n')).toBe('');
});

test('declarations', () => {
  expect(
    tree(`use "layers/block.net"
let T = 64
fn twice(x, n: int = 2) = x * n
fn none() { return 1 }
layer pair(a: int, b: float = 0.5, c: bool = true,): x[B, T], mask[T] bool -> y[B, T], [B] { return (x, x) }
layer bare: x[...] -> [...] { return x }
model net: (x[B, C, H, W], y[B] u32,) -> (out[B, C * H, floor(W / 2)], z[B]) { return (x, y) }
data d {}
train on d {}
train long on d { }`),
  ).toMatchInlineSnapshot(`
    " 1:1  use "layers/block.net"
     2:1  let T = 64
     3:1  fn twice(x, n: int = 2) = x * n
     4:1  fn none()
    4:13    return 1
     5:1  layer pair(a: int, b: float = 0.5, c: bool = true)
    5:54    input x[B, T]
    5:63    input mask[T] bool
    5:79    output y[B, T]
    5:88    output [B]
    5:94    return (x, x)
     6:1  layer bare()
    6:13    input x[...]
    6:23    output [...]
    6:31    return x
     7:1  model net()
    7:13    input x[B, C, H, W]
    7:28    input y[B] u32
    7:43    output out[B, C * H, floor(W / 2)]
    7:72    output z[B]
    7:80    return (x, y)
     8:1  data d
     9:1  train on d
    10:1  train long on d
    "
  `);
});

test('statements of code', () => {
  expect(
    statements(`param W[4, 3 * U] = glorot(), b[U]
state mean[C] = zeros(), n[] u32
a = 1
a = 1, (b, c) = f(x), d = 2
(b, c,) = f(x)
(e) = 3
repeat 3 { x = f(x) }
blocks: repeat n + 1 as i { x = f(x, i) }
scan xt in x along T { emit xt }
scan xt in x, m in mask along T, h[B, U] = zeros(), n[] u32 = 0 {
  h = f(h, xt)
  emit h
}
if training { a = 1 } else if a > 2 { a = 2 } else { a = 3 }
update mean = momentum * mean
return (a, b)`),
  ).toMatchInlineSnapshot(`
    [
      "param W[4, 3 * U] = glorot()",
      "param b[U]",
      "state mean[C] = zeros()",
      "state n[] u32",
      "a = 1",
      "a = 1",
      "(b, c) = f(x)",
      "d = 2",
      "(b, c) = f(x)",
      "e = 3",
      "repeat 3",
      "  x = f(x)",
      "blocks: repeat n + 1 as i",
      "  x = f(x, i)",
      "scan xt in x along T",
      "  emit xt",
      "scan xt in x, m in mask along T, h[B, U] = zeros(), n[] u32 = 0",
      "  h = f(h, xt)",
      "  emit h",
      "if training",
      "  a = 1",
      "else",
      "  if a > 2",
      "    a = 2",
      "  else",
      "    a = 3",
      "update mean = momentum * mean",
      "return (a, b)",
    ]
  `);
});

test('statements of data and of training', () => {
  expect(
    statements(
      `from train = idx(image = "a.gz", label = "b.gz")
split valid = 10%, test = 5%
image[B, 1, 28, 28] = image / 255
label[B] u32
augment image = image -> random_shift(2)
batch = 128, shuffle = true
if T > 4 { batch = 2 }`,
      'data',
    ),
  ).toMatchInlineSnapshot(`
    [
      "from train = idx(image = "a.gz", label = "b.gz")",
      "split valid = 10%",
      "split test = 5%",
      "column image[B, 1, 28, 28] = image / 255",
      "column label[B] u32",
      "augment image = image -> random_shift(2)",
      "batch = 128",
      "shuffle = true",
      "if T > 4",
      "  batch = 2",
    ]
  `);
  expect(
    statements(
      `epochs = 20, seed = 42
step { metric a = 1 }
step critic(times = 5) {
  minimize loss over D, G.head with clip_norm(1.0) -> adam(lr = 1e-4)
  minimize a + b with sgd(0.1)
}
eval = every(1 epoch)`,
      'train',
    ),
  ).toMatchInlineSnapshot(`
    [
      "epochs = 20",
      "seed = 42",
      "step",
      "  metric a = 1",
      "step critic(times = 5)",
      "  minimize loss over D, G.head with clip_norm(1.0) -> adam(lr = 1e-4)",
      "  minimize a + b with sgd(0.1)",
      "eval = every(1 epoch)",
    ]
  `);
});

test('a keyword is a name wherever it cannot be one', () => {
  const words = [
    'use', 'let', 'fn', 'layer', 'model', 'data', 'train', 'on', 'param', 'state', 'return', 'emit', 'repeat', 'as',
    'scan', 'in', 'along', 'if', 'else', 'from', 'augment', 'metric', 'update', 'split', 'step', 'minimize', 'over',
    'with', 'epoch', 'steps', 'MB', 'f32', 'bool', 'int',
  ]; // prettier-ignore
  for (const word of words) {
    expect(statements(`${word} = 3`)).toEqual([`${word} = 3`]);
    expect(statements(`a = 1, ${word} = 2`)).toEqual(['a = 1', `${word} = 2`]);
    expect(statements(`${word}[B, 3] u32`, 'data')).toEqual([`column ${word}[B, 3] u32`]);
    expect(statements(`(${word}, b) = ${word}(x, 3) + ${word}`)).toEqual([
      `(${word}, b) = ${word}(x, 3) + ${word}`,
    ]);
    expect(statements(`${word}: repeat ${word} as ${word} { }`)).toEqual([
      `${word}: repeat ${word} as ${word}`,
    ]);
    expect(statements(`y = x.${word} -> ${word}: ${word}(${word} = ${word})`)).toEqual([
      `y = x.${word} -> ${word}: ${word}(${word} = ${word})`,
    ]);
    expect(statements(`return ${word}`)).toEqual([`return ${word}`]);
    expect(statements(`if ${word} { }`)).toEqual([`if ${word}`]);
    expect(statements(`metric ${word} = 1`, 'step')).toEqual([`metric ${word} = 1`]);
    expect(statements(`minimize ${word} over ${word} with ${word}`, 'step')).toEqual([
      `minimize ${word} over ${word} with ${word}`,
    ]);
    expect(statements(`scan ${word} in ${word} along ${word} { }`)).toEqual([
      `scan ${word} in ${word} along ${word}`,
    ]);
    expect(statements(`param ${word}[3]`)).toEqual([`param ${word}[3]`]);
    expect(
      tree(`let ${word} = 1\ndata ${word} { }\ntrain ${word} on ${word} { }\ntrain on ${word} { }`),
    ).toContain(`train ${word} on ${word}`);
    expect(tree(`model ${word}(${word}: int = 3): ${word}[B] -> ${word}[B] { }`)).toContain(`model ${word}(`);
  }
});

test('statements whose keyword might be a call', () => {
  expect(statements('return (a, b)')).toEqual(['return (a, b)']);
  expect(statements('return -x')).toEqual(['return -x']);
  expect(statements('if (a) { }')).toEqual(['if a']);
  expect(statements('repeat (3) { }')).toEqual(['repeat 3']);
  expect(statements('minimize (a) with (b)', 'step')).toEqual(['minimize a with b']);
  expect(statements('step (times = 3) { }', 'train')).toEqual(['step(times = 3)']);
  expect(errors('data d { split(x, 3) }').map(short)).toEqual(['E0102 1:10']);
});

test('a byte order mark, CRLF and comments change nothing', () => {
  const program = 'let a = 1 # one\n\n# two\nmodel m: x[B] -> y[B] {\n  y = x ->\n    relu\n  return y\n}\n';
  const plain = tree(program);
  expect(tree(program.replaceAll('\n', '\r\n'))).toBe(plain);
  expect(tree(`\ufeff${program}`)).toBe(plain);
  expect(tree(`\ufeff${program.replaceAll('\n', '\r\n')}`)).toBe(plain);
  expect(errors('\ufefflet = = 3').map(short)).toEqual(errors('let = = 3').map(short));
});

test('spans are those of the text', () => {
  const text = 'let a = (1 + 2) * f(b,\n  c)\n';
  const [declaration] = parse(text, 'a.net').tree.declarations;
  expect(declaration?.span).toEqual({ file: 'a.net', line: 1, column: 1, endLine: 2, endColumn: 5 });
  if (declaration?.kind !== 'let' || declaration.value.kind !== 'binary') throw new Error('another tree');
  expect(declaration.name.span).toMatchObject({ line: 1, column: 5, endColumn: 6 });
  expect(declaration.value.span).toMatchObject({ line: 1, column: 9, endLine: 2, endColumn: 5 });
  expect(declaration.value.operatorSpan).toMatchObject({ line: 1, column: 17, endColumn: 18 });
  expect(declaration.value.right.span).toMatchObject({ line: 1, column: 19, endLine: 2, endColumn: 5 });
});
