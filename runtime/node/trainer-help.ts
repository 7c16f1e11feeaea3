/** What `node trainer.mjs --help` prints. */
import type { Listing } from '../plan-format.ts';
import { dataFiles } from '../trainer/data-files.ts';
import { classesOf, type TrainerProgram } from '../trainer/trainer-program.ts';

export function trainerHelp(program: TrainerProgram, listing: Listing): string {
  const { netc, targets } = program;
  const classes = targets.webgpu
    ? `
  --class CLASS            kernels of a class of GPUs (${classesOf(program).join(', ')}), instead of the adapter's`
    : '';
  const kernels = [targets.webgpu ? 'WebGPU' : '', targets.cpu ? 'the CPU' : '']
    .filter(Boolean)
    .join(' and ');
  const files = dataFiles(listing);
  const data = files.length > 0 ? `\nData: ${files.join(', ')}.\n` : '';
  return `Usage: node trainer.mjs [flags]

Trains ${listing.program}, compiled by netc ${netc} from ${listing.source} for ${kernels}.
${data}
Flags:
  --device auto|gpu|cpu    where to run; auto takes a GPU where there is one (default)${classes}
  --data FOLDER            folder of the data files, instead of the trainer's own
  --seed N                 seed of the run, instead of the program's
  --steps N                stops after so many steps of the run
  --init W.safetensors     starts from these weights; names and shapes must match
  --init-only PATTERN      takes only these weights of --init, for example "net.fc1.*"
  --out FOLDER             where the weights go, and the state of the run
  --resume FOLDER          goes on with the run in that folder
  --log-every N            reports every so many steps
  --set NAME=VALUE         a \`let\` of the program, which must be the value compiled in
  --json                   one JSON object a line, for programs
  --quiet                  no output but results and errors
  --help, --version

As a module: import { createTrainer } from './trainer.mjs'; trainer.d.ts describes it.

Exit codes: 0 done; 1 data or weights are wrong; 2 wrong usage; 3 no suitable device; 4 training failed;
130 interrupted, with the weights saved.
`;
}
