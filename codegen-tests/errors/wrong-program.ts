/**
 * Wrong programs as a table. In: a name, a program with one mistake, what must be reported and where. Out: the
 * program run as a user runs it, and what was printed, with the temporary folder's name taken out.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { DiagnosticCode } from '../../compiler/diagnostics.ts';
import { netc, type Recorded } from '../cli/recording-host.ts';

/** The place of an error, or null where it is about no place in the text (a flag, a weights file). */
export type ExpectedPlace = readonly [line: number, column: number] | null;

export interface WrongProgram {
  /** Unique: also the name of the snapshot. */
  readonly name: string;
  readonly program: string;
  readonly code: DiagnosticCode;
  readonly at: ExpectedPlace;
  /** Further files of the folder, by name. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** The command and its flags; `check` unless told. `FOLDER` in a flag is the folder of the files. */
  readonly command?: readonly [
    command: 'check' | 'train' | 'eval' | 'compile' | 'export',
    ...flags: string[],
  ];
  /** Name of the file that the error is in; `program.net` unless told. */
  readonly in?: string;
}

export interface Outcome extends Recorded {
  /** Standard error with the folder's name taken out. */
  readonly printed: string;
  /** Files in the folder that the command made. */
  readonly written: string[];
}

/** Runs a case in a folder of its own, which is removed again. */
export async function runWrongProgram(wrong: WrongProgram, ...extraFlags: string[]): Promise<Outcome> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-wrong-'));
  try {
    const files = { 'program.net': wrong.program, ...wrong.files };
    for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), content);
    const [command, ...flags] = wrong.command ?? ['check'];
    const placed = flags.map((flag) => flag.replace('FOLDER', folder));
    const recorded = await netc(command, path.join(folder, 'program.net'), ...placed, ...extraFlags);
    return {
      ...recorded,
      printed: recorded.stderr.replaceAll(`${folder}${path.sep}`, '').replaceAll(folder, 'FOLDER'),
      written: fs
        .readdirSync(folder, { recursive: true })
        .map(String)
        .filter((name) => !(name in files)),
    };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** What the printed errors say: code and place of each. */
export function reported(printed: string): { code: string; place: string | null }[] {
  return printed
    .split(/\n(?=error\[|warning\[)/)
    .filter((block) => block.trim() !== '')
    .map((block) => ({
      code: /^(?:error|warning)\[(E\d{4})\]/.exec(block)?.[1] ?? block,
      // The first arrow before any note is the error's own.
      place: /^ {2}--> (.*)$/m.exec(block.split(/^ *= note/m)[0] ?? '')?.[1] ?? null,
    }));
}
