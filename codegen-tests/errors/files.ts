/** One mistake each: files of records and of weights. They are read before a device is opened. */
import { encodeSafetensors } from '../../runtime/checkpoint/safetensors.ts';
import { encodeNpy } from '../../runtime/data/npy.ts';
import { gzipped, idxFile } from '../data/memory-reader.ts';
import type { WrongProgram } from './wrong-program.ts';

const program = (source: string, declared = 'x[B, 4]'): string => `data d {
  from train = ${source}
  ${declared}
  label[B] u32
  batch = 2
}
model net: x[B, 4] -> logits[B, 3] {
  return x -> fc: dense(3)
}
train on d {
  steps = 1
  step {
    loss = cross_entropy(net(x), label)
    minimize loss with adam()
  }
}
`;

const NPY = 'npy(x = "x.npy", label = "y.npy")';
const IDX = 'idx(x = "x.idx", label = "y.idx")';

const rows = (shape: number[]): Uint8Array =>
  encodeNpy(
    shape,
    'f32',
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i / 8),
  );
const labels = (...values: number[]): Uint8Array => encodeNpy([values.length], 'u32', values);
const pictures = idxFile(
  [4, 4],
  Array.from({ length: 16 }, (_, i) => i),
);
const digits = idxFile([4], [0, 1, 2, 0]);

const GOOD = { 'x.npy': rows([4, 4]), 'y.npy': labels(0, 1, 2, 0) };

const weights = (shape: number[], names = ['net.fc.weight', 'net.fc.bias']): Uint8Array =>
  encodeSafetensors(
    names.map((name, i) => {
      const due = i === 0 ? shape : [3];
      return {
        name,
        dtype: 'F32' as const,
        shape: due,
        data: new Float32Array(due.reduce((a, b) => a * b, 1)),
      };
    }),
  );

const train = ['train', '--steps', '1'] as const;
const init = ['train', '--init', 'FOLDER/w.safetensors'] as const;

export const FILES: readonly WrongProgram[] = [
  {
    name: 'data-file-missing',
    program: program(NPY),
    command: train,
    files: { 'y.npy': labels(0) },
    code: 'E0401',
    at: [2, 24],
  },
  {
    name: 'idx-with-a-wrong-magic',
    program: program(IDX),
    command: train,
    files: { 'x.idx': Uint8Array.of(9, 9, ...pictures.slice(2)), 'y.idx': digits },
    code: 'E0402',
    at: [2, 24],
  },
  {
    name: 'npy-that-is-no-npy',
    program: program(NPY),
    command: train,
    files: { ...GOOD, 'x.npy': 'x0,x1,x2,x3\n1,2,3,4\n' },
    code: 'E0402',
    at: [2, 24],
  },
  {
    name: 'npy-of-another-shape',
    program: program(NPY),
    command: train,
    files: { ...GOOD, 'x.npy': rows([4, 5]) },
    code: 'E0404',
    at: [3, 3],
  },
  {
    name: 'npy-of-another-rank',
    program: program(NPY, 'x[B, 2, 2]').replace('net(x)', 'net(reshape(x, B, 4))'),
    command: train,
    files: { ...GOOD, 'x.npy': rows([4, 3]) },
    code: 'E0404',
    at: [3, 3],
  },
  {
    name: 'label-out-of-range',
    program: program(NPY),
    command: train,
    files: { ...GOOD, 'y.npy': labels(0, 1, 3, 0) },
    code: 'E0405',
    at: [4, 3],
  },
  {
    name: 'label-that-is-no-integer',
    program: program(NPY),
    command: train,
    files: { ...GOOD, 'y.npy': encodeNpy([4], 'f32', [0, 1, 1.5, 0]) },
    code: 'E0405',
    at: [4, 3],
  },
  {
    name: 'records-that-are-nan',
    program: program(NPY),
    command: train,
    files: {
      ...GOOD,
      'x.npy': encodeNpy(
        [4, 4],
        'f32',
        Array.from({ length: 16 }, (_, i) => (i === 9 ? NaN : i)),
      ),
    },
    code: 'E0405',
    at: [3, 3],
  },
  {
    name: 'gzip-cut-off',
    program: program(IDX),
    command: train,
    files: { 'x.idx': gzipped(pictures).slice(0, -9), 'y.idx': digits },
    code: 'E0403',
    at: [2, 24],
  },
  {
    name: 'idx-cut-off',
    program: program(IDX),
    command: train,
    files: { 'x.idx': pictures.slice(0, -3), 'y.idx': digits },
    code: 'E0403',
    at: [2, 24],
  },
  {
    name: 'files-of-different-lengths',
    program: program(NPY),
    command: train,
    files: { ...GOOD, 'y.npy': labels(0, 1, 2) },
    code: 'E0406',
    at: [2, 8],
  },
  {
    name: 'fewer-records-than-a-batch',
    program: program(NPY),
    command: train,
    files: { 'x.npy': rows([1, 4]), 'y.npy': labels(1) },
    code: 'E0407',
    at: [1, 6],
  },
  {
    name: 'weights-file-missing',
    program: program(NPY),
    command: init,
    files: GOOD,
    code: 'E0501',
    at: null,
  },
  {
    name: 'weights-of-another-shape',
    program: program(NPY),
    command: init,
    files: { ...GOOD, 'w.safetensors': weights([5, 3]) },
    code: 'E0504',
    at: [8, 19],
  },
  {
    name: 'weight-missing',
    program: program(NPY),
    command: init,
    files: { ...GOOD, 'w.safetensors': weights([4, 3], ['net.fc.weight']) },
    code: 'E0503',
    at: [8, 19],
  },
  {
    name: 'weight-unknown',
    program: program(NPY),
    command: init,
    files: { ...GOOD, 'w.safetensors': weights([4, 3], ['net.fc.weight', 'net.fc.bias', 'net.fc.scale']) },
    code: 'E0505',
    at: null,
  },
  {
    name: 'safetensors-cut-off',
    program: program(NPY),
    command: init,
    files: { ...GOOD, 'w.safetensors': weights([4, 3]).slice(0, -5) },
    code: 'E0502',
    at: null,
  },
  {
    name: 'weights-that-are-no-safetensors',
    program: program(NPY),
    command: init,
    files: { ...GOOD, 'w.safetensors': 'not weights' },
    code: 'E0502',
    at: null,
  },
];
