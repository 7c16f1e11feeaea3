/**
 * Looks for random programs that go wrong. In: seeds and what runs them. Out: for each program that goes wrong a
 * message with its shrunk text and the file it was written to. Wrong is what the compiler refuses or fails on, and what
 * a variant computes otherwise than double precision does.
 */
import fs from 'node:fs';
import path from 'node:path';
import { expectationOf, faultIn, isTame, type Expectation } from './check.ts';
import { randomProgram, textOf, type RandomProgram } from './program.ts';
import { nameOf, type Runner, type Variant } from './run-study.ts';
import { shrink } from './shrink.ts';
import { studyOf, type Study } from './study.ts';
import type { Row } from './values.ts';

interface Search {
  readonly from: number;
  readonly count: number;
  readonly variants: (seed: number) => readonly Variant[];
  /** By default all. */
  readonly isWanted?: (study: Study) => boolean;
  /** The row that programs begin with. */
  readonly first?: Row;
  /** Where failures go. */
  readonly folder: string;
}

const MOST_MESSAGES = 5;

export async function search(
  run: Runner,
  { from, count, variants, isWanted, first, folder }: Search,
): Promise<string[]> {
  const messages: string[] = [];
  let tame = 0;
  for (let seed = from; tame < count && messages.length < MOST_MESSAGES; seed++) {
    if (seed > from + 10 * count + 50) throw new Error('hardly any random program is tame');
    const program = randomProgram(seed, first);
    const found = await faultOf(textOf(program), seed, run, variants(seed), isWanted);
    if (found === 'passed over') continue;
    tame++;
    if (found) messages.push(await report(program, found, run, folder));
  }
  return messages;
}

interface Fault {
  readonly text: string;
  /** What showed it; none where the program could not be made. */
  readonly variant?: Variant;
  readonly isValue: boolean;
}

/** What is wrong with one program; `passed over` where small errors would grow, or where it is not wanted. */
export async function faultOf(
  text: string,
  seed: number,
  run: Runner,
  variants: readonly Variant[],
  isWanted: (study: Study) => boolean = () => true,
): Promise<Fault | 'passed over' | undefined> {
  let expectation: Expectation;
  try {
    const study = studyOf(text, seed);
    if (!isWanted(study)) return 'passed over';
    expectation = expectationOf(study);
  } catch (error) {
    return { text: wordsOf(error), isValue: false };
  }
  if (!isTame(expectation)) return 'passed over';
  for (const variant of variants) {
    try {
      const fault = faultIn(expectation, await run(expectation.study, variant));
      if (fault !== undefined) return { text: `${nameOf(variant)}: ${fault}`, variant, isValue: true };
    } catch (error) {
      return { text: `${nameOf(variant)}: ${wordsOf(error)}`, variant, isValue: false };
    }
  }
  return undefined;
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Shrinks a program that goes wrong, for the same reason, and writes it down. */
async function report(program: RandomProgram, fault: Fault, run: Runner, folder: string): Promise<string> {
  const { seed } = program;
  const variants = fault.variant ? [fault.variant] : [];
  const again = async (candidate: RandomProgram): Promise<Fault | undefined> => {
    const found = await faultOf(textOf(candidate), seed, run, variants);
    return found !== 'passed over' && found && isAlike(found, fault) ? found : undefined;
  };
  const small = await shrink(program, async (candidate) => (await again(candidate)) !== undefined);
  const left = (await again(small))?.text ?? fault.text;
  const file = path.join(folder, `random-${seed}.net`);
  const body = textOf(small);
  const rerun = `npm run nightly -- --file ${file}`;
  const head = [`seed ${seed}`, ...left.split('\n'), `again: ${rerun}`].map((line) => `# ${line}\n`).join('');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(file, head + body);
  return `${left}\nseed ${seed}, shrunk and written to ${file}\nto run it again: ${rerun}\n${body}`;
}

/** So that a wrong number does not become another error on the way. */
const isAlike = (one: Fault, other: Fault): boolean =>
  one.isValue === other.isValue && (one.isValue || one.text.slice(0, 30) === other.text.slice(0, 30));

/** A program that was written down: its seed stands in its first line. */
export function readFailure(file: string): { text: string; seed: number } {
  const text = fs.readFileSync(file, 'utf8');
  const seed = /^# seed (\d+)/.exec(text)?.[1];
  if (seed === undefined) throw new Error(`${file} does not begin with its seed: "# seed 123"`);
  return { text, seed: Number(seed) };
}
