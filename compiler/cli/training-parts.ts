/** What train and eval need of a program beside its kernels: its data, its training, its seed. */
import path from 'node:path';
import type { DataReader } from '../../runtime/data/dataset.ts';
import { folderReader } from '../../runtime/node/data-reader.ts';
import type { DataSpec, Listing, TrainingSpec } from '../../runtime/plan-format.ts';
import { fail } from '../diagnostics.ts';
import type { CommonFlags } from './flags.ts';

export interface TrainingParts {
  training: TrainingSpec;
  data: DataSpec;
  /** Reads from --data, else from the program's folder. */
  reader: DataReader;
}

/** E0219 where the program does not train, E0305 where its data has no files. */
export function trainingParts(file: string, listing: Listing, flags: CommonFlags): TrainingParts {
  const { training, data } = listing;
  if (training === undefined || data === undefined) {
    return fail('E0219', undefined, `${file} has no \`train on …\` block`, {
      help: '`netc check` and `netc inspect` work without one; `netc predict` runs a model on arrays',
    });
  }
  if (data.sources.length === 0) {
    fail('E0305', data.span, `the data ${data.name} has no \`from\`, so there is nothing to read`, {
      help: 'add its files, for example `from train = npy(x = "x.npy")`',
    });
  }
  return { training, data, reader: folderReader(flags.data ?? path.dirname(file)) };
}
