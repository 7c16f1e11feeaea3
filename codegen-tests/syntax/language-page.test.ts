import { expect, test } from 'vitest';
import { CRITIC, DATA, RECURRENT, SHAKESPEARE, TRAINING } from './language-page.ts';
import { tree } from './support.ts';

test('data', () => {
  expect(tree(DATA)).toMatchInlineSnapshot(`
    " 1:1  data mnist
     2:3    from train = idx(image = "train-images-idx3-ubyte.gz", label = "train-labels-idx1-ubyte.gz")
     3:3    from test = idx(image = "…", label = "…")
     4:9    split valid = 10%
     5:3    column image[B, 1, 28, 28] = (image / 255) -> normalize(mean = 0.1307, std = 0.3081)
     6:3    column label[B] u32
     7:3    augment image = (image -> random_shift(2)) -> random_flip
     8:3    batch = 128
    8:16    shuffle = true
    "
  `);
});

test('training', () => {
  expect(tree(TRAINING)).toMatchInlineSnapshot(`
    " 1:1  train on mnist
     2:3    epochs = 20
    2:16    seed = 42
     3:3    accumulate = 1
    3:19    precision = f32
     4:3    step
     5:5      logits = net(image)
     6:5      loss = cross_entropy(logits, label)
     7:5      metric accuracy = mean(argmax(logits) == label)
     8:5      minimize loss with clip_norm(1.0) -> adam(lr = 1e-3)
    10:3    eval = every(1 epoch)
    11:3    save = best(valid.accuracy, to = "out/mnist.safetensors")
    12:3    stop = plateau(valid.loss, patience = 5, restore = true)
    "
  `);
});

test('a language model', () => {
  expect(tree(SHAKESPEARE)).toMatchInlineSnapshot(`
    "  1:1  let T = 64
      2:1  let D = 128
      3:1  let V = 96
      4:1  data shakespeare
      5:3    from all = text("input.txt", tokens = chars())
      6:9    split valid = 10%
      7:3    column x[B, T] u32 = window(T)
      8:3    column y[B, T] u32 = window(T, shift = 1)
      9:3    batch = 16
     9:15    shuffle = true
     11:1  layer block(heads: int, p: float)
    11:36    input x[B, T, D]
    11:50    output [B, T, D]
     12:3    x = x + (((x -> ln1: layernorm) -> attn: attention(heads, causal = true)) -> dropout(p))
     13:3    return x + (((((x -> ln2: layernorm) -> up: dense(4 * D)) -> gelu) -> down: dense(D)) -> dropout(p))
     15:1  model gpt(layers = 4, heads = 4, p = 0.0)
    15:44    input tokens[B, T] u32
    15:64    output logits[B, T, V]
     16:3    tok = embedding(V, D, init = normal(0.02))
     17:3    x = ((tokens -> tok) -> positions(T, D)) -> dropout(p)
     18:3    blocks: repeat layers
    18:27      x = x -> block(heads, p)
     19:3    return (x -> ln: layernorm) @ tok.weight.T
     21:1  train on shakespeare
     22:3    steps = 2000
    22:17    seed = 1337
     23:3    step
     24:5      logits = gpt(x)
     25:5      loss = cross_entropy(logits, y)
     26:5      metric perplexity = perplexity(loss)
     27:5      minimize loss with clip_norm(1.0) -> adamw(lr = cosine(1e-3, to = 1e-4, warmup = 100), decay = 0.1, decay_on = "*.weight")
     29:3    eval = every(250 step, batches = 50)
    "
  `);
});

test('a critic and a generator', () => {
  expect(tree(`train on images {\n${CRITIC}}\n`)).toMatchInlineSnapshot(`
    " 1:1  train on images
     2:1    step critic(times = 5)
     3:3      fake = detach(G(random.normal(B, Z)))
     4:3      a = random.uniform(B, 1)
     5:3      mix = (a * image) + ((1 - a) * fake)
     6:3      slope = grad(sum(D(mix)), mix)
     7:3      penalty = mean((norm(slope, axis = -1) - 1) ^ 2)
     8:3      loss = (mean(D(fake)) - mean(D(image))) + (10 * penalty)
     9:3      minimize loss over D with adam(lr = 1e-4, betas = (0.0, 0.9))
    11:1    step generator
    12:3      loss = -mean(D(G(random.normal(B, Z))))
    13:3      minimize loss over G with adam(lr = 1e-4, betas = (0.0, 0.9))
    "
  `);
});

test('a recurrent layer', () => {
  expect(tree(RECURRENT)).toMatchInlineSnapshot(`
    " 1:1  layer gru_cell_loop(U: int)
    1:30    input x[B, T, D]
    1:44    output [B, T, U]
     2:9    param Wx[D, 3 * U] = glorot()
    2:34    param Wh[U, 3 * U] = orthogonal()
    2:63    param b[3 * U] = zeros()
     3:3    scan xt in x along T, h[B, U] = zeros()
     4:5      (xr, xz, xn) = split((xt @ Wx) + b, 3)
     5:5      (hr, hz, hn) = split(h @ Wh, 3)
     6:5      r = sigmoid(xr + hr)
     7:5      z = sigmoid(xz + hz)
     8:5      n = tanh(xn + (r * hn))
     9:5      h = ((1 - z) * n) + (z * h)
    10:5      emit h
    "
  `);
});
