/** One mistake each: programs that cannot be deployed, and weights that are not theirs. */
import { encodeSafetensors } from '../../runtime/checkpoint/safetensors.ts';
import type { WrongProgram } from './wrong-program.ts';

const NET = `model net: x[B, 4] -> logits[B, 3] {
  return x -> fc: dense(3)
}
`;

const weights = (...tensors: [name: string, shape: number[]][]): Uint8Array =>
  encodeSafetensors(
    tensors.map(([name, shape]) => ({
      name,
      shape,
      data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
    })),
  );

const FITTING = weights(['net.fc.weight', [4, 3]], ['net.fc.bias', [3]]);

const infer = ['compile', '--infer', '-o', 'FOLDER/out'] as const;
const baked = [...infer, '--weights', 'FOLDER/w.safetensors'] as const;
const onnx = ['export', '--weights', 'FOLDER/w.safetensors', '--onnx', 'FOLDER/m.onnx'] as const;

const NOTHING_TO_PREDICT = `data d {
  x[B, 4]
  batch = 2
}
train on d {
  steps = 1
  step {
    metric size = mean(x)
  }
}
`;

const OPEN_SIZES = `model net: x[B, D] -> y[B, 3] {
  return x -> dense(3)
}
`;

const SCORE = `model judge: x[B, 4] -> score[] {
  return mean(x -> dense(1))
}
`;

const NOISY = `model net: x[B, 4] -> y[B, 4] {
  noise = random.normal(B, 4)
  return x + noise
}
`;

export const DEPLOYMENT: readonly WrongProgram[] = [
  { name: 'predictor-without-a-model', program: NOTHING_TO_PREDICT, command: infer, code: 'E0306', at: null },
  { name: 'predictor-of-open-sizes', program: OPEN_SIZES, command: infer, code: 'E0306', at: [1, 7] },
  { name: 'predictor-of-a-whole-batch', program: SCORE, command: infer, code: 'E0306', at: [1, 7] },
  {
    name: 'baked-weights-missing',
    program: NET,
    command: baked,
    files: { 'w.safetensors': weights(['net.fc.weight', [4, 3]]) },
    code: 'E0503',
    at: [2, 19],
  },
  {
    name: 'baked-weights-of-another-shape',
    program: NET,
    command: baked,
    files: { 'w.safetensors': weights(['net.fc.weight', [4, 2]], ['net.fc.bias', [3]]) },
    code: 'E0504',
    at: [2, 19],
  },
  {
    name: 'baked-weights-of-another-program',
    program: NET,
    command: baked,
    files: { 'w.safetensors': weights(['net.fc.weight', [4, 3]], ['net.fc.bias', [3]], ['judge.gate', [1]]) },
    code: 'E0505',
    at: null,
  },
  { name: 'baked-weights-not-there', program: NET, command: baked, code: 'E0501', at: null },
  {
    name: 'export-without-a-model',
    program: NOTHING_TO_PREDICT,
    command: onnx,
    files: { 'w.safetensors': weights() },
    code: 'E0306',
    at: null,
  },
  {
    name: 'export-of-a-whole-batch',
    program: SCORE,
    command: onnx,
    files: { 'w.safetensors': FITTING },
    code: 'E0306',
    at: [1, 7],
  },
  {
    name: 'export-of-random-numbers',
    program: NOISY,
    command: onnx,
    files: { 'w.safetensors': weights() },
    code: 'E0901',
    at: [2, 11],
  },
  {
    name: 'export-of-weights-missing',
    program: NET,
    command: onnx,
    files: { 'w.safetensors': weights(['net.fc.bias', [3]]) },
    code: 'E0503',
    at: [2, 19],
  },
  {
    name: 'export-of-what-is-no-weights-file',
    program: NET,
    command: onnx,
    files: { 'w.safetensors': 'weights' },
    code: 'E0502',
    at: null,
  },
  { name: 'export-of-weights-not-there', program: NET, command: onnx, code: 'E0501', at: null },
  {
    name: 'export-into-a-folder',
    program: NET,
    command: ['export', '--weights', 'FOLDER/w.safetensors', '--onnx', 'FOLDER'],
    files: { 'w.safetensors': FITTING },
    code: 'E0506',
    at: null,
  },
];
