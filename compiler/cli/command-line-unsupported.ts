/** Commands that are part of the command line but that netc cannot do yet: known flags, and E0901. */
import { Option } from 'commander';
import { fail } from '../diagnostics.ts';
import type { AddCommand } from './commands.ts';

export function addUnsupportedCommands(add: AddCommand): void {
  const refuse = (name: string) => () => fail('E0901', undefined, `'netc ${name}' is not supported yet`);
  const note = '(not supported yet)';
  add('compile <file>', `writes the trainer as a program of its own ${note}`, refuse('compile'))
    .option('-o <folder>', 'where the files go')
    .addOption(new Option('--for <host>', 'where it runs').choices(['node', 'browser', 'both']))
    .addOption(new Option('--emit <target>', 'kernels').choices(['wgsl', 'cpu', 'both']))
    .option('--single', 'one file')
    .option('--infer', 'forward only');
  add('export <file>', `a trained model for other programs ${note}`, refuse('export'))
    .option('--weights <weights>', 'trained weights (safetensors)')
    .option('--onnx <model.onnx>', 'an ONNX file');
}
