/** What training and evaluation need of a program beside its kernels: its data, its training, its seed. */
import type { DataReader } from '../data/dataset.ts';
import { RuntimeFailure } from '../failure.ts';
import type { DataSpec, Listing, TrainingSpec } from '../plan-format.ts';
import { folderReader } from './data-reader.ts';

export interface TrainingParts {
  training: TrainingSpec;
  data: DataSpec;
  reader: DataReader;
}

/**
 * `file`: the program, for messages; `folder`: where its data files are. E0219 where the program does not train, E0305
 * where its data has no files.
 */
export function trainingParts(file: string, listing: Listing, folder: string): TrainingParts {
  const { training, data } = listing;
  if (training === undefined || data === undefined) {
    throw new RuntimeFailure('E0219', `${file} has no \`train on …\` block`, {
      help: '`netc check` and `netc inspect` work without one; `netc predict` runs a model on arrays',
    });
  }
  if (data.sources.length === 0) {
    throw new RuntimeFailure('E0305', `the data ${data.name} has no \`from\`, so there is nothing to read`, {
      span: data.span,
      help: 'add its files, for example `from train = npy(x = "x.npy")`',
    });
  }
  return { training, data, reader: folderReader(folder) };
}
