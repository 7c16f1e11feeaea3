/**
 * The command line: which commands and flags there are, and what a wrong one gets. In: arguments and a host.
 * Out: the exit code. Each command's code is loaded only when it runs.
 */
import { Command, CommanderError, Option } from 'commander';
import type { Diagnostic } from '../diagnostics.ts';
import { errorAt } from '../diagnostics.ts';
import type {
  Action,
  AddCommand,
  BenchFlags,
  CommandName,
  CommandSyntax,
  CompileFlags,
  EvalFlags,
  ExportFlags,
  FormatFlags,
  GenerateFlags,
  InspectFlags,
  PredictFlags,
  TrainFlags,
} from './commands.ts';
import { HEEDED, STAGES } from './commands.ts';
import { createContext } from './context.ts';
import { EXIT, exitCodeOf } from '../../runtime/report/exit-codes.ts';
import { diagnosticsOf } from './failures.ts';
import type { CommonFlags } from './flags.ts';
import { addCommonFlags, notNegative, wholeNumber } from './flags.ts';
import type { Host } from '../../runtime/report/host.ts';
import { versionText } from './package-files.ts';

const EXAMPLES = `
Examples:
  netc check digits.net                              errors and warnings
  netc fmt digits.net                                lays it out as every .net file is
  netc compile digits.net -o digits                  a folder that trains without netc
  netc train digits.net --data data --out run        trains, weights go to run/weights.safetensors
  netc eval digits.net --weights run/weights.safetensors --split test
  netc predict digits.net --weights run/weights.safetensors --input images.npy -o scores.npy
  netc generate tales.net --weights run/weights.safetensors --prompt "Once"
  netc export digits.net --weights run/weights.safetensors --onnx digits.onnx
  netc inspect digits.net --stage wgsl               the kernels as they run
  netc bench digits.net                              what fusing kernels gains
  netc doctor                                        what this machine can run

Exit codes: 0 done; 1 the program, data or weights are wrong; 2 wrong usage; 3 no suitable device;
4 training failed; 130 interrupted, with the weights saved.`;

/** Runs one command line, without the names of node and script. Never throws. */
export async function runCommandLine(argv: readonly string[], host: Host): Promise<number> {
  let exitCode: number = EXIT.done;
  const program = new Command('netc')
    .description('Compiles .net network descriptions to WebGPU kernels that train.')
    .version(versionText(), '--version', 'prints the version')
    .helpOption('-h, --help', 'explains a command')
    .helpCommand('help [command]', 'explains a command')
    .addHelpText('after', EXAMPLES)
    .configureOutput({ writeOut: (text) => host.stdout.write(text), writeErr: () => undefined })
    .configureHelp({ helpWidth: Math.min(host.stdout.columns, 110) })
    .exitOverride();

  /** Adds a command; `run` is told of flags already checked. */
  const add = <F extends CommonFlags>(
    syntax: CommandSyntax,
    description: string,
    run: Action<F>,
  ): Command => {
    const command = program.command(syntax).description(description);
    addCommonFlags(command, HEEDED[command.name() as CommandName]);
    return command.action(async (...given: unknown[]) => {
      const flags = command.opts<F>();
      const positional = given.slice(0, command.registeredArguments.length).flat() as string[];
      const context = createContext(host, flags);
      try {
        exitCode = await run(positional, flags, context);
      } catch (thrown) {
        const diagnostics = diagnosticsOf(thrown, host.environment);
        context.report(diagnostics);
        exitCode = exitCodeOf(diagnostics);
      }
    });
  };
  addCommands(add);

  try {
    if (argv.length === 0) throw new CommanderError(EXIT.usage, 'netc.noCommand', 'error: no command given');
    await program.parseAsync([...argv], { from: 'user' });
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.done;
    const flags = { json: argv.includes('--json'), quiet: false, device: 'auto' } as const;
    const diagnostics =
      thrown instanceof CommanderError ? [usageError(thrown)] : diagnosticsOf(thrown, host.environment);
    createContext(host, flags).report(diagnostics);
    return exitCodeOf(diagnostics);
  }
  return exitCode;
}

function addCommands(add: AddCommand): void {
  add('check <files...>', 'errors and warnings; nothing is built', async (files, _flags, context) =>
    (await import('./check.ts')).runCheck(files, context),
  );
  add('fmt <files...>', 'canonical layout', async (files, flags: FormatFlags, context) =>
    (await import('./fmt.ts')).runFormat(files, flags, context),
  ).option('--check', 'writes nothing; names the files that are laid out otherwise, exit code 1');
  add(
    'compile <file>',
    'writes the trainer, or a predictor, as a program of its own',
    async ([file = ''], flags: CompileFlags, context) =>
      (await import('./compile.ts')).runCompile(file, flags, context),
  )
    .requiredOption('-o <folder>', 'where the files go')
    .addOption(new Option('--for <host>', 'where it runs').choices(['node', 'browser', 'both']))
    .addOption(new Option('--emit <target>', 'kernels').choices(['wgsl', 'cpu', 'both']))
    .option('--single', 'one file, with all that the folder would hold but its data')
    .option('--without-data', 'copies no data into the folder')
    .option('--infer', 'the models alone, forward: a predictor')
    .option('--weights <weights>', 'with --infer: trained weights (safetensors) that go into it');
  add('train <file>', 'compiles in memory and trains', async ([file = ''], flags: TrainFlags, context) =>
    (await import('./train.ts')).runTrain(file, flags, context),
  )
    .option('--steps <n>', 'stops after so many steps of the run', wholeNumber(1))
    .option('--init <weights>', 'starts from these weights (safetensors); names and shapes must match')
    .option('--init-only <pattern>', 'takes only these weights of --init, for example "net.fc1.*"')
    .option('--out <folder>', 'where the weights go, and the state of the run')
    .option('--resume <folder>', 'goes on with the run in that folder')
    .option('--log-every <n>', 'reports every so many steps', wholeNumber(1));
  add('eval <file>', 'loss and metrics of a split', async ([file = ''], flags: EvalFlags, context) =>
    (await import('./eval.ts')).runEval(file, flags, context),
  )
    .requiredOption('--weights <weights>', 'trained weights (safetensors)')
    .option('--split <name>', 'the split; without it, every one but `train`');
  add(
    'export <file>',
    'a trained model for other programs',
    async ([file = ''], flags: ExportFlags, context) =>
      (await import('./export.ts')).runExport(file, flags, context),
  )
    .requiredOption('--weights <weights>', 'trained weights (safetensors)')
    .requiredOption('--onnx <model.onnx>', 'the ONNX file to write')
    .option('--model <name>', 'which model, where there are several');
  add('predict <file>', 'runs a model on arrays', async ([file = ''], flags: PredictFlags, context) =>
    (await import('./predict.ts')).runPredict(file, flags, context),
  )
    .option('--model <name>', 'which model, where there are several')
    .option('--weights <weights>', 'trained weights (safetensors)')
    .addOption(new Option('--input <[name=]x.npy>', 'an input; once for each').argParser(collect))
    .option(
      '--random <n>',
      'draws n records of the other inputs from the normal distribution',
      wholeNumber(1),
    )
    .addOption(
      new Option('-o <[name=]y.npy>', 'where an output goes, once for each; a .png is a sheet of pictures')
        .argParser(collect)
        .makeOptionMandatory(),
    )
    .option('--as-is', 'leaves an input as it is where a data column of its name would transform it');
  add(
    'generate <file>',
    'a language model goes on with a text',
    async ([file = ''], flags: GenerateFlags, context) =>
      (await import('./generate.ts')).runGenerate(file, flags, context),
  )
    .option('--model <name>', 'which model, where there are several')
    .requiredOption('--weights <weights>', 'trained weights (safetensors); the vocabulary is in them')
    .requiredOption('--prompt <text>', 'what the text begins with')
    .option('--tokens <n>', 'how many tokens to add', wholeNumber(1), 200)
    .option(
      '--temperature <t>',
      'below 1 likely tokens are likelier, at 0 always the likeliest',
      notNegative,
      1,
    )
    .option('--top-k <k>', 'draws from the k likeliest tokens', wholeNumber(1));
  add('inspect <file>', 'every stage, as text or JSON', async ([file = ''], flags: InspectFlags, context) =>
    (await import('./inspect.ts')).runInspect(file, flags, context),
  )
    .addOption(new Option('--stage <stage>', 'only this stage').choices(STAGES))
    .option('-o <page.html>', 'one HTML page');
  add(
    'bench <files...>',
    'fused against unfused, same device, one run',
    async (files, flags: BenchFlags, context) => (await import('./bench.ts')).runBench(files, flags, context),
  ).option('--steps <n>', 'measures so many steps of each', wholeNumber(1));
  add(
    'gradcheck <file>',
    'analytic against central differences, in double precision',
    async ([file = ''], _f, context) => (await import('./gradcheck.ts')).runGradcheck(file, context),
  );
  add('doctor', 'what this machine can run, and what to install', async (_none, _flags, context) =>
    (await import('./doctor.ts')).runDoctor(context),
  );
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** What other tools take as flags. */
const PROGRAM_SETTINGS: readonly string[] = [
  'epochs', 'batch', 'batch-size', 'lr', 'learning-rate', 'optimizer', 'precision', 'ema', 'split', 'patience',
]; // prettier-ignore

/** What commander found wrong, as a diagnostic; its suggestion becomes the help line. */
function usageError(error: CommanderError): Diagnostic {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const text = message.replace('unknown option', 'unknown flag').replace(/\.$/, '');
  const guess = /\(Did you mean (.*)\?\)/.exec(suggestion ?? '')?.[1];
  const flag = /^unknown flag '--([a-z-]+)'/.exec(text)?.[1] ?? '';
  const help = PROGRAM_SETTINGS.includes(flag)
    ? 'that stands in the program; what a `let` there names is changed by --set NAME=VALUE'
    : guess
      ? `did you mean '${guess}'?`
      : "'netc --help' lists the commands, 'netc COMMAND --help' the flags";
  return errorAt('E0701', undefined, error.code === 'commander.help' ? 'no command given' : text, { help });
}
