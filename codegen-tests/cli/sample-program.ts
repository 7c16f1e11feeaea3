/** A folder with a small program and its data, for tests that run commands. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { encodeNpy } from '../../runtime/data/npy.ts';

export const RECORDS = 96;

/** Two classes of points, divided by a line. */
export const PROGRAM = `let H = 8

data points {
  from all = npy(x = "x.npy", y = "y.npy")
  split valid = 25%
  x[B, 3] = x * 2
  y[B] u32
  batch = 8, shuffle = true
}

model net: x[B, 3] -> logits[B, 2] {
  return x -> hidden: dense(H) -> relu -> out: dense(2)
}

train on points {
  epochs = 4, seed = 3
  step {
    logits = net(x)
    loss = cross_entropy(logits, y)
    metric accuracy = mean(argmax(logits) == y)
    minimize loss with adam(lr = 0.02)
  }
  eval = every(1 epoch)
}
`;

/** Three numbers a record, the same every time. */
export function points(): Float32Array {
  return Float32Array.from({ length: RECORDS * 3 }, (_, i) => Math.sin(1 + 12.9898 * i) * 0.9);
}

/** Makes the folder with points.net, x.npy and y.npy; the caller removes it. */
export function sampleFolder(program = PROGRAM): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-cli-'));
  const x = points();
  const y = Uint32Array.from({ length: RECORDS }, (_, r) => Number((x[3 * r] ?? 0) > (x[3 * r + 1] ?? 0)));
  fs.writeFileSync(path.join(folder, 'points.net'), program);
  fs.writeFileSync(path.join(folder, 'x.npy'), encodeNpy([RECORDS, 3], 'f32', x));
  fs.writeFileSync(path.join(folder, 'y.npy'), encodeNpy([RECORDS], 'u32', y));
  return folder;
}
