/** `netc export FILE --weights W.safetensors --onnx model.onnx`: a trained model for other programs. */
import path from 'node:path';
import { writeFileAtomic } from '../../runtime/node/atomic-write.ts';
import { prepareOutputFiles } from '../../runtime/node/output-files.ts';
import { fail } from '../diagnostics.ts';
import { checkedProgram } from '../index.ts';
import { exportOnnx } from '../targets/onnx/export-model.ts';
import { chooseModel } from './choose-model.ts';
import type { ExportFlags } from './commands.ts';
import type { Context } from './context.ts';
import { hashOf } from './hash.ts';
import { versionText } from './package-files.ts';
import { programWeights } from './prediction-weights.ts';
import { inFolder, optionsIn, spanUnder } from './program-folder.ts';
import { readProgram } from './read-program.ts';

export async function runExport(file: string, flags: ExportFlags, context: Context): Promise<number> {
  checkFlags(flags);
  const { text } = readProgram(file, context);
  const folder = path.dirname(file);
  const { options, texts } = optionsIn(folder, context);
  const program = inFolder(folder, () =>
    checkedProgram({ file: path.basename(file), text }, { ...options, infer: true }),
  );
  context.report(program.warnings);
  const model = chooseModel(program, flags.model, 'predict');
  const weights = await programWeights(flags.weights, program, (span) => spanUnder(folder, span));
  prepareOutputFiles([flags.onnx]);
  const bytes = inFolder(folder, () =>
    exportOnnx({
      program,
      model,
      weights,
      version: versionText(),
      sha256: hashOf([text, ...texts.values()]),
    }),
  );
  await writeFileAtomic(flags.onnx, bytes);
  context.say(`${flags.onnx}: ${model.name}, ${Math.ceil(bytes.length / 1024)} KiB`);
  return 0;
}

/** Nothing runs here, and there is one form of the file. */
function checkFlags({ device, fuse, class: deviceClass, memory }: ExportFlags): void {
  const idle = { device: device !== 'auto', fuse: fuse !== undefined, class: deviceClass !== undefined, memory: memory !== undefined }; // prettier-ignore
  const [flag] = Object.entries(idle).find(([, given]) => given) ?? [];
  if (flag === undefined) return;
  fail('E0701', undefined, `--${flag} is a matter of netc's own kernels, and an exported model has none`);
}
