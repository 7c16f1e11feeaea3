/**
 * Which program is open: an example, or one of the reader's. In: choices, edits, addresses. Out: the editor's text, the
 * page's address. Holds: the address always stands for what is in the editor, a moment after the last edit.
 */
import { element } from '../../../runtime/browser/page/elements.ts';
import type { SourceText } from '../../index.ts';
import { EXAMPLES, exampleText } from '../examples.ts';
import { addressOf, programIn, type SharedProgram } from './program-address.ts';

/** Milliseconds without an edit after which the address follows. */
const REST = 300;
/** What is seen first. */
const FIRST = 'glyphs.net';

export class OpenProgram {
  readonly #show: (text: string) => void;
  readonly #failed: (reason: string) => void;
  readonly #menu = element('examples', HTMLSelectElement);
  #file = FIRST;
  #text = '';
  #timer = 0;

  /** `show`: puts a text into the editor, which then tells of it as of an edit. */
  constructor(show: (text: string) => void, failed: (reason: string) => void) {
    this.#show = show;
    this.#failed = failed;
    const own = new Option('your program', '');
    own.hidden = true;
    this.#menu.append(own, ...EXAMPLES.map(({ file, text }) => new Option(labelOf(file, text), file)));
    this.#menu.addEventListener('change', () => this.#open({ kind: 'example', file: this.#menu.value }));
    addEventListener('hashchange', () => void this.openAddress());
  }

  get source(): SourceText {
    return { file: this.#file, text: this.#text };
  }

  /** Opens what the address holds, else the first example. */
  async openAddress(): Promise<void> {
    try {
      const program = await programIn(location.hash);
      this.#failed('');
      if (program) return this.#open(program);
    } catch (error) {
      this.#failed(error instanceof Error ? error.message : String(error));
    }
    if (this.#text === '') this.#open({ kind: 'example', file: FIRST });
  }

  edited(text: string): void {
    this.#text = text;
    this.#menu.value = exampleText(this.#file) === text ? this.#file : '';
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.address(), REST);
  }

  /** The page's address with the program as it is now. */
  async address(): Promise<string> {
    const { file, text } = this.source;
    const program: SharedProgram =
      exampleText(file) === text ? { kind: 'example', file } : { kind: 'code', file, text };
    const hash = await addressOf(program);
    // Another edit may have come meanwhile, and will set its own.
    if (text === this.#text) history.replaceState(null, '', `#${hash}`);
    return location.href;
  }

  #open(program: SharedProgram): void {
    const text = program.kind === 'code' ? program.text : exampleText(program.file);
    if (text === undefined) return this.#failed(`There is no example ${program.file}.`);
    this.#file = program.file;
    this.#show(text);
    this.edited(text);
  }
}

/** The file's name and what its first comment says. */
function labelOf(file: string, text: string): string {
  const name = file.replace(/\.net$/, '');
  const words = /^# ?([^.:?(]*)/.exec(text)?.[1]?.trim() ?? '';
  return words === '' ? name : `${name}: ${words.charAt(0).toLowerCase()}${words.slice(1)}`;
}
