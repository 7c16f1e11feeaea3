/**
 * What `npm run examples` trains, and what is expected of it. A row: the program, what it does, the value that judges it
 * (of the last evaluation of a split; without a split of the last step) with its bound, and what else is run with the
 * weights. `data` is a folder beside this project, and a row is left out where that is missing. A sheet is drawn by a
 * model and read by glyphs-cnn, which comes before it and must be `sure` of what it reads. `figure` and `curve` find in
 * the lines of a host program what it reached in the end, and its way there.
 */

const atLeast = (bound) => ({ bound, holds: (value) => value >= bound, sign: '≥' });
const atMost = (bound) => ({ bound, holds: (value) => value <= bound, sign: '≤' });
/** At most, or at least, this share of another metric of the same evaluation. */
const below = (other, share) => ({ other, share, holds: (value, rest) => value <= share * rest, sign: '≤' });
const above = (other, share) => ({ other, share, holds: (value, rest) => value >= share * rest, sign: '≥' });

const GLYPHS = { split: 'test', metric: 'accuracy' };

export const ROWS = [
  {
    name: 'linear-regression',
    task: 'What a house costs',
    split: 'valid',
    metric: 'unexplained',
    wanted: atMost(0.05),
  },
  {
    name: 'logistic-regression',
    task: 'Who passes an exam',
    split: 'valid',
    metric: 'accuracy',
    wanted: atLeast(0.8),
  },
  {
    name: 'flowers',
    task: 'Kinds of flowers from a csv file',
    split: 'valid',
    metric: 'accuracy',
    wanted: atLeast(0.93),
  },
  {
    name: 'spirals',
    task: 'Three spiral arms, by a multilayer perceptron',
    split: 'valid',
    metric: 'accuracy',
    wanted: atLeast(0.97),
  },
  {
    name: 'glyphs-svm',
    task: 'Digits, by ten linear support vector machines',
    ...GLYPHS,
    wanted: atLeast(0.94),
  },
  { name: 'glyphs', task: 'Digits, by a multilayer perceptron', ...GLYPHS, wanted: atLeast(0.97) },
  {
    name: 'glyphs-cnn',
    task: 'Digits, by convolution, batch normalization and dropout',
    ...GLYPHS,
    wanted: atLeast(0.985),
  },
  {
    name: 'mnist',
    task: 'Handwritten digits, by a multilayer perceptron: 10,000 of MNIST',
    ...GLYPHS,
    wanted: atLeast(0.95),
    data: '../shared/data/mnist-10k',
  },
  {
    name: 'mnist-cnn',
    task: 'Handwritten digits, by convolution: 10,000 of MNIST',
    ...GLYPHS,
    wanted: atLeast(0.98),
    data: '../shared/data/mnist-10k',
  },
  {
    name: 'glyphs-fine-tune',
    task: 'Has a digit a loop? A new head on the frozen body of glyphs-cnn',
    ...GLYPHS,
    wanted: atLeast(0.98),
    init: { weights: 'glyphs-cnn', only: 'body.*' },
  },
  { name: 'glyphs-resnet', task: 'Digits, by residual blocks', ...GLYPHS, wanted: atLeast(0.985) },
  { name: 'glyphs-depthwise', task: 'Digits, by depthwise convolution', ...GLYPHS, wanted: atLeast(0.985) },
  { name: 'glyphs-residual', task: 'Digits, by a layer of one’s own', ...GLYPHS, wanted: atLeast(0.97) },
  { name: 'glyphs-vit', task: 'Digits, by a vision transformer', ...GLYPHS, wanted: atLeast(0.98) },
  { name: 'glyphs-rows', task: 'Digits, read row by row by an LSTM', ...GLYPHS, wanted: atLeast(0.97) },
  {
    name: 'waves',
    task: 'Shapes of waves, heard by two GRU layers',
    split: 'valid',
    metric: 'accuracy',
    wanted: atLeast(0.88),
  },
  { name: 'glyphs-gradient-penalty', task: 'A gradient inside the loss', ...GLYPHS, wanted: atLeast(0.95) },
  {
    name: 'glyphs-autoencoder',
    task: 'Pictures from 32 numbers',
    split: 'test',
    metric: 'error',
    wanted: atMost(0.02),
  },
  {
    name: 'glyphs-vae',
    task: 'New digits, by a variational autoencoder',
    split: 'test',
    metric: 'pixel_error',
    wanted: atMost(0.02),
    sheet: { model: 'decoder', outputs: ['image'], sure: 0.8 },
  },
  {
    name: 'glyphs-gan',
    task: 'New digits, by an adversarial network',
    sheet: { model: 'painter', outputs: ['image'], sure: 0.7 },
  },
  {
    name: 'glyphs-wgan',
    task: 'New digits, by a Wasserstein critic',
    sheet: { model: 'painter', outputs: ['image'], sure: 0.8 },
  },
  {
    name: 'sums',
    task: 'Sums, by a small transformer',
    split: 'valid',
    metric: 'right',
    wanted: atLeast(0.95),
    text: { prompt: '17+25=', tokens: 3, temperature: 0 },
  },
  {
    name: 'stories',
    task: 'Stories, character by character, by an LSTM',
    split: 'valid',
    metric: 'perplexity',
    wanted: atMost(1.25),
    text: { prompt: 'One morning', tokens: 400, temperature: 0.7 },
  },
  {
    name: 'numbers',
    task: 'Number words to digits, by cross-attention',
    split: 'valid',
    metric: 'right',
    wanted: atLeast(0.97),
  },
  {
    name: 'films',
    task: 'A recommender, against viewers’ and films’ means',
    split: 'valid',
    metric: 'error',
    wanted: below('baseline_error', 0.5),
  },
  {
    name: 'friends',
    task: 'A graph network, against one that does not see the graph',
    metric: 'accuracy',
    wanted: above('baseline_accuracy', 2),
  },
  {
    name: 'melons',
    task: 'Boosted soft trees, against a linear model',
    split: 'valid',
    metric: 'error',
    wanted: below('baseline_error', 0.5),
  },
  {
    name: 'heat',
    task: 'The heat equation, by second derivatives in the loss',
    split: 'grid',
    metric: 'largest_error',
    wanted: atMost(1e-3),
  },
  {
    name: 'maml',
    task: 'Learning to learn, against learning all at once',
    split: 'valid',
    metric: 'loss',
    wanted: below('baseline_error', 0.5),
  },
  {
    name: 'cart-pole',
    task: 'A pole on a cart, balanced by a policy that a host program trains',
    metric: 'mean return of 100 games',
    wanted: atLeast(195),
    figure: /100 games with the trained policy: (\S+) moments/,
    curve: /^round (\d+): (\S+) moments/gm,
    curveOf: 'return',
  },
  {
    name: 'quantum',
    task: 'Flowers, by a simulated quantum circuit',
    split: 'valid',
    metric: 'accuracy',
    wanted: atLeast(0.85),
  },
  {
    name: 'gpt',
    task: 'A GPT on the works of Shakespeare',
    split: 'valid',
    metric: 'loss',
    wanted: atMost(1.9),
    data: '../shared/data/tinyshakespeare',
    text: { prompt: 'ROMEO:', tokens: 400, temperature: 0.8 },
  },
];
