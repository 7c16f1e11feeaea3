/**
 * What every command is handed: the host, the common flags, and the ways to print. Holds the texts of the
 * files read, so that errors can show their lines.
 */
import type { Diagnostic } from '../diagnostics.ts';
import type { CommonFlags } from './flags.ts';
import type { Host } from '../../runtime/report/host.ts';
import { wantsColor } from '../../runtime/report/host.ts';
import { STANDARD_LIBRARY } from '../std/standard-library.generated.ts';
import { diagnosticToJson, renderDiagnostic } from '../../runtime/report/diagnostics.ts';

export interface Context {
  readonly host: Host;
  readonly flags: CommonFlags;
  /** A line for a person on standard output; nothing with --quiet or --json. */
  say(line: string): void;
  /** Results: always on standard output, as they are. */
  print(text: string): void;
  /** Diagnostics on standard error, in the form the flags ask for. */
  report(diagnostics: readonly Diagnostic[]): void;
  /** Remembers a file's text for the lines that errors show. */
  remember(file: string, text: string): void;
}

export function createContext(host: Host, flags: CommonFlags): Context {
  const texts = new Map<string, string>();
  const options = {
    color: wantsColor(host.stderr, host.environment),
    sourceText: (file: string) => texts.get(file) ?? (file === 'std.net' ? STANDARD_LIBRARY : undefined),
  };
  return {
    host,
    flags,
    say(line) {
      if (!flags.quiet && !flags.json) host.stdout.write(`${line}\n`);
    },
    print: (text) => host.stdout.write(text),
    report(diagnostics) {
      for (const diagnostic of diagnostics) {
        host.stderr.write(
          flags.json ? `${diagnosticToJson(diagnostic)}\n` : `${renderDiagnostic(diagnostic, options)}\n`,
        );
      }
    },
    remember: (file, text) => void texts.set(file, text),
  };
}
