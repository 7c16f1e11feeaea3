/**
 * Fits a document to a width. In: a document. Out: its lines, the comment behind a line's code apart (so that comments
 * can be aligned). Comments do not count for the width. Lines are broken outermost group first, so what is broken
 * lies in groups that are all broken: printing what was printed gives the same.
 */
import type { Document } from './document.ts';

export const WIDTH = 110;
const STEP = 2;

export interface Line {
  code: string;
  /** Behind the code; alone where it goes on below the comment of the line before. */
  comment?: string;
}

interface Task {
  readonly document: Document;
  readonly depth: number;
  readonly flat: boolean;
}

export function printDocument(document: Document): Line[] {
  return new Printer().print(document);
}

class Printer {
  readonly #lines: Line[] = [];
  #code = '';
  /** Whether nothing but the indent stands in the line. */
  #fresh = true;
  #pending: readonly string[] = [];

  print(document: Document): Line[] {
    const tasks: Task[] = [{ document, depth: 0, flat: false }];
    for (let task = tasks.pop(); task; task = tasks.pop()) this.#step(task, tasks);
    if (!this.#fresh || this.#pending.length > 0) this.#end();
    return this.#lines;
  }

  #step({ document, depth, flat }: Task, tasks: Task[]): void {
    switch (document.kind) {
      case 'text':
        this.#write(document.text, depth);
        return;
      case 'concat':
        pushAll(document.parts, depth, flat, tasks);
        return;
      case 'indent':
        tasks.push({ document: document.content, depth: depth + 1, flat });
        return;
      case 'group':
        tasks.push({
          document: document.content,
          depth,
          flat: flat || this.#fits(document.content, depth, tasks),
        });
        return;
      case 'line':
        if (flat) this.#write(document.flat, depth);
        else this.#break();
        return;
      case 'fresh':
        this.#break();
        if (document.blank && !this.#isBlank(this.#lines.at(-1))) this.#lines.push({ code: '' });
        return;
      case 'comments':
        this.#pending = [...this.#pending, ...document.texts];
        return;
      case 'broken':
        if (!flat) this.#write(document.text, depth);
        return;
      case 'fluid': {
        const below = { document: document.content, depth: depth + 1, flat: true };
        if (
          !flat &&
          !this.#fits(document.content, depth, tasks, ' ') &&
          fitsIn(below, WIDTH - STEP * (depth + 1), tasks)
        ) {
          this.#break();
          tasks.push(below);
        } else {
          this.#write(' ', depth);
          tasks.push({ document: document.content, depth, flat });
        }
        return;
      }
      default:
        document satisfies never;
    }
  }

  /** Whether a line is empty, or none. */
  #isBlank(line: Line | undefined): boolean {
    return line === undefined || (line.code === '' && line.comment === undefined);
  }

  #fits(document: Document, depth: number, rest: readonly Task[], before = ''): boolean {
    if (this.#pending.length > 0) return false;
    const used = this.#fresh ? STEP * depth : this.#code.length;
    return fitsIn({ document, depth, flat: true }, WIDTH - used - before.length, rest);
  }

  #write(value: string, depth: number): void {
    if (value === '') return;
    if (this.#pending.length > 0) this.#break();
    if (this.#fresh) {
      if (value === ' ') return;
      this.#code = ' '.repeat(STEP * depth);
      this.#fresh = false;
    }
    this.#code += value;
  }

  #break(): void {
    if (!this.#fresh || this.#pending.length > 0) this.#end();
  }

  #end(): void {
    const [first, ...more] = this.#pending;
    const code = this.#code.trimEnd();
    this.#lines.push(first === undefined ? { code } : { code, comment: first });
    for (const comment of more) this.#lines.push({ code: '', comment });
    this.#code = '';
    this.#fresh = true;
    this.#pending = [];
  }
}

function pushAll(parts: readonly Document[], depth: number, flat: boolean, tasks: Task[]): void {
  for (let index = parts.length - 1; index >= 0; index--) {
    const document = parts[index];
    if (document) tasks.push({ document, depth, flat });
  }
}

/** Whether a document stands on one line of `width`, with what follows it up to the next place to break. */
function fitsIn(task: Task, width: number, rest: readonly Task[]): boolean {
  const tasks: Task[] = [task];
  let left = width;
  let next = rest.length;
  let sealed = false;
  for (;;) {
    let current = tasks.pop();
    if (!current) {
      if (sealed || next === 0) return true;
      next -= 1;
      current = rest[next];
      if (!current) return true;
    }
    const { document, depth, flat } = current;
    switch (document.kind) {
      case 'text':
        if (sealed && document.text.trim() !== '') return false;
        left -= document.text.length;
        break;
      case 'concat':
        pushAll(document.parts, depth, flat, tasks);
        break;
      case 'indent':
      case 'group':
        tasks.push({ document: document.content, depth, flat });
        break;
      case 'line':
        if (!flat) return true;
        left -= document.flat.length;
        break;
      case 'fresh':
        return !flat;
      case 'comments':
        // In what follows the document: it ends the line without counting.
        if (!flat) return true;
        sealed = true;
        break;
      case 'broken':
        if (!flat) left -= document.text.length;
        break;
      case 'fluid':
        if (!flat) return true;
        left -= 1;
        tasks.push({ document: document.content, depth, flat });
        break;
      default:
        document satisfies never;
    }
    if (left < 0) return false;
  }
}
