/** Commands that are part of the command line but that netc cannot do yet: known flags, and E0901. */
import { fail } from '../diagnostics.ts';
import type { AddCommand } from './commands.ts';

export function addUnsupportedCommands(add: AddCommand): void {
  const refuse = (name: string) => () => fail('E0901', undefined, `'netc ${name}' is not supported yet`);
  const note = '(not supported yet)';
  add('export <file>', `a trained model for other programs ${note}`, refuse('export'))
    .option('--weights <weights>', 'trained weights (safetensors)')
    .option('--onnx <model.onnx>', 'an ONNX file');
}
