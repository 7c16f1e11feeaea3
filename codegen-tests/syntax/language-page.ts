/** The programs of the language page, sections 6 to 8, as they stand there. */

export const DATA = `data mnist {
  from train = idx(image = "train-images-idx3-ubyte.gz", label = "train-labels-idx1-ubyte.gz")
  from test  = idx(image = "…", label = "…")
  split valid = 10%                                   # of train; chosen by the run's seed
  image[B, 1, 28, 28] = image / 255 -> normalize(mean = 0.1307, std = 0.3081)
  label[B] u32
  augment image = image -> random_shift(2) -> random_flip   # training mode only
  batch = 128, shuffle = true
}
`;

export const TRAINING = `train on mnist {
  epochs = 20, seed = 42                    # or steps = 5000
  accumulate = 1, precision = f32
  step {                                    # several named steps alternate: step critic(times = 5) { … }
    logits = net(image)
    loss = cross_entropy(logits, label)
    metric accuracy = mean(argmax(logits) == label)
    minimize loss with clip_norm(1.0) -> adam(lr = 1e-3)
  }
  eval = every(1 epoch)
  save = best(valid.accuracy, to = "out/mnist.safetensors")     # or every(1 epoch, to = "out/mnist-{epoch}.safetensors", keep = 3)
  stop = plateau(valid.loss, patience = 5, restore = true)
}
`;

export const SHAKESPEARE = `let T = 64
let D = 128
let V = 96
data shakespeare {
  from all = text("input.txt", tokens = chars())
  split valid = 10%
  x[B, T] u32 = window(T)
  y[B, T] u32 = window(T, shift = 1)
  batch = 16, shuffle = true
}
layer block(heads: int, p: float): x[B, T, D] -> [B, T, D] {
  x = x + (x -> ln1: layernorm -> attn: attention(heads, causal = true) -> dropout(p))
  return x + (x -> ln2: layernorm -> up: dense(4 * D) -> gelu -> down: dense(D) -> dropout(p))
}
model gpt(layers = 4, heads = 4, p = 0.0): tokens[B, T] u32 -> logits[B, T, V] {
  tok = embedding(V, D, init = normal(0.02))           # one instance, used twice: tied
  x = tokens -> tok -> positions(T, D) -> dropout(p)
  blocks: repeat layers { x = x -> block(heads, p) }
  return (x -> ln: layernorm) @ tok.weight.T
}
train on shakespeare {
  steps = 2000, seed = 1337
  step {
    logits = gpt(x)
    loss = cross_entropy(logits, y)
    metric perplexity = perplexity(loss)
    minimize loss with clip_norm(1.0) -> adamw(lr = cosine(1e-3, to = 1e-4, warmup = 100), decay = 0.1, decay_on = "*.weight")
  }
  eval = every(250 steps, batches = 50)
}
`;

/** The steps of the Wasserstein critic; they stand in a \`train\` block. */
export const CRITIC = `step critic(times = 5) {
  fake = detach(G(random.normal(B, Z)))
  a = random.uniform(B, 1)
  mix = a * image + (1 - a) * fake
  slope = grad(sum(D(mix)), mix)
  penalty = mean((norm(slope, axis = -1) - 1) ^ 2)
  loss = mean(D(fake)) - mean(D(image)) + 10 * penalty
  minimize loss over D with adam(lr = 1e-4, betas = (0.0, 0.9))
}
step generator {
  loss = -mean(D(G(random.normal(B, Z))))
  minimize loss over G with adam(lr = 1e-4, betas = (0.0, 0.9))
}
`;

export const RECURRENT = `layer gru_cell_loop(U: int): x[B, T, D] -> [B, T, U] {
  param Wx[D, 3 * U] = glorot(), Wh[U, 3 * U] = orthogonal(), b[3 * U] = zeros()
  scan xt in x along T, h[B, U] = zeros() {
    (xr, xz, xn) = split(xt @ Wx + b, 3)
    (hr, hz, hn) = split(h @ Wh, 3)
    r = sigmoid(xr + hr)
    z = sigmoid(xz + hz)
    n = tanh(xn + r * hn)
    h = (1 - z) * n + z * h                # the carry's last binding is its next value
    emit h                                 # stacked along T
  }
}
`;
