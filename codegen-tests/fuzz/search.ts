/**
 * Looks for random programs that go wrong. In: seeds and something that runs graphs. Out: for each program that goes
 * wrong a message with its shrunk text and the file it was written to. Wrong is what the compiler refuses or fails on,
 * and what the runner computes otherwise than the interpreter.
 */
import fs from 'node:fs';
import path from 'node:path';
import { faultsOf, isTame, prepare, type Prepared, type Runner } from './check.ts';
import { randomProgram, textOf, type RandomProgram } from './program.ts';
import { shrink } from './shrink.ts';
import type { Row } from './values.ts';

export interface Search {
  readonly from: number;
  readonly count: number;
  /** Schedules to try, as `--fuse`. */
  readonly fuse: readonly boolean[];
  /** The row that programs begin with. */
  readonly first?: Row;
  /** Where failures go. */
  readonly folder: string;
}

/** Programs that one submit holds: fewer would take longer, more hold too many buffers. */
const TOGETHER = 10;

export async function search(run: Runner, { from, count, fuse, first, folder }: Search): Promise<string[]> {
  const messages: string[] = [];
  const tame: Prepared[] = [];
  for (let seed = from; tame.length < count; seed++) {
    if (seed > from + 10 * count + 50) throw new Error('hardly any random program is tame');
    const program = randomProgram(seed, first);
    const prepared = attempt(program);
    if (typeof prepared === 'string') messages.push(await report(program, prepared, run, fuse, folder));
    else if (isTame(prepared)) tame.push(prepared);
    if (messages.length > 4) return messages;
  }
  for (let at = 0; at < tame.length; at += TOGETHER) {
    const some = tame.slice(at, at + TOGETHER);
    for (const mode of fuse) {
      const faults = await faultsOf(some, run, mode);
      for (const [index, fault] of faults.entries()) {
        const prepared = some[index];
        if (fault !== undefined && prepared)
          messages.push(await report(prepared.program, fault, run, [mode], folder));
      }
    }
  }
  return messages;
}

/** A program compiled, or what the compiler says instead. */
function attempt(program: RandomProgram): Prepared | string {
  try {
    return prepare(program);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What is wrong with one program, whoever finds it; none where small errors would grow. */
export async function faultOf(
  program: RandomProgram,
  run: Runner,
  fuse: readonly boolean[],
): Promise<string | undefined> {
  const prepared = attempt(program);
  if (typeof prepared === 'string') return prepared;
  if (!isTame(prepared)) return undefined;
  for (const mode of fuse) {
    const [fault] = await faultsOf([prepared], run, mode);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Shrinks a program that goes wrong, for the same reason, and writes it down. */
async function report(
  program: RandomProgram,
  fault: string,
  run: Runner,
  fuse: readonly boolean[],
  folder: string,
): Promise<string> {
  const kind = kindOf(fault);
  const small = await shrink(program, async (candidate) => {
    const found = await faultOf(candidate, run, fuse);
    return found !== undefined && kindOf(found) === kind;
  });
  const left = (await faultOf(small, run, fuse)) ?? fault;
  fs.mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `random-${program.seed}.net`);
  const text = textOf(small);
  fs.writeFileSync(file, `# Seed ${program.seed}. ${left.replaceAll('\n', '\n# ')}\n${text}`);
  return `${left}\nseed ${program.seed}, shrunk and written to ${file}:\n${text}`;
}

/** So that a wrong number does not become another error on the way. */
const kindOf = (fault: string): string => (/\(fuse o(?:n|ff)\)/.test(fault) ? 'value' : fault.slice(0, 16));
