/**
 * The playground. In: a program, as it is typed. Out: what the compiler says and makes of it, and its training. Nothing
 * is computed here: the compiler and each run have workers of their own.
 */
import { element } from '../../../runtime/browser/page/elements.ts';
import { formatCount } from '../../../runtime/report/format.ts';
import type { Diagnostic } from '../../../runtime/plan-format.ts';
import type { SourceText } from '../../index.ts';
import type { CompilerAnswer, ShownTarget } from '../messages.ts';
import { CompilerClient } from './compiler-client.ts';
import { enableDivider } from './divider.ts';
import { Editor } from './editor.ts';
import { OpenProgram } from './open-program.ts';
import { problemList } from './problem-list.ts';
import { Tabs } from './tabs.ts';
import { Training } from './training.ts';
import { ViewPanels } from './view-panels.ts';

/** Milliseconds without an edit after which the program is compiled. */
const REST = 150;

const status = element('status', HTMLElement);
const problems = element('view-problems', HTMLElement);
const target = element('target', HTMLSelectElement);
const buttons = {
  train: element('train', HTMLButtonElement),
  share: element('share', HTMLButtonElement),
  format: element('format', HTMLButtonElement),
};
/** Room for the program beside its views. */
const wide = matchMedia('(min-width: 56rem)');

const compiler = new CompilerClient(answered, failed);
const views = new ViewPanels((view) => compiler.print(view));
const training = new Training();
const editor = new Editor(element('editor', HTMLElement), {
  changed: (text) => {
    program.edited(text);
    compileSoon();
  },
  moved: (line) => views.mark(line),
});
const program = new OpenProgram((text) => editor.open(text), failed);
const tabs = new Tabs(element('tabs', HTMLElement), (name) => views.look(name));

/** What is compiled, or will be next: of an answer that comes it is the program. */
let asked: SourceText = { file: '', text: '' };
let timer = 0;

function compileSoon(): void {
  document.body.dataset['compiler'] = 'busy';
  clearTimeout(timer);
  timer = window.setTimeout(compileNow, REST);
}

function compileNow(): void {
  document.body.dataset['compiler'] = 'busy';
  asked = program.source;
  compiler.compile(asked, target.value as ShownTarget);
}

function answered(answer: CompilerAnswer): void {
  switch (answer.kind) {
    case 'ready':
      return editor.know(answer.words);
    case 'compiled':
      return compiled(answer);
    case 'printed':
      return views.printed(answer.view, answer.html);
    case 'formatted':
      if (answer.text === undefined) tabs.show('problems');
      else if (answer.from === editor.text) editor.replace(answer.text);
      return;
    default:
      return answer satisfies never;
  }
}

function compiled({ diagnostics, compiled: made }: Extract<CompilerAnswer, { kind: 'compiled' }>): void {
  // There is a newer program, and an answer to it will come.
  if (asked.text !== program.source.text) return;
  showProblems(diagnostics);
  buttons.train.disabled = made === undefined || made.untrainable !== undefined;
  document.body.dataset['compiler'] = 'done';
  document.body.classList.toggle('refused', made === undefined);
  if (made === undefined) {
    const count = diagnostics.filter(({ severity }) => severity === 'error').length;
    status.textContent = count === 1 ? '1 error' : `${count} errors`;
    return training.withdraw('The program has errors.');
  }
  const { about, kernels, milliseconds, target: kind } = made;
  status.textContent = [
    `Compiled in ${Math.round(milliseconds)} ms`,
    `${formatCount(about.parameters)} parameters`,
    `${formatCount(kernels)} kernels a step, for ${kind}`,
  ].join(' · ');
  training.offer(asked, made);
  views.renew(tabs.current);
}

function showProblems(diagnostics: readonly Diagnostic[]): void {
  editor.showDiagnostics(diagnostics.filter(({ span }) => span?.file === asked.file));
  const list = problemList(diagnostics, asked.file, goTo);
  problems.replaceChildren(diagnostics.length > 0 ? list : quiet('No errors, no warnings.'));
  const badge = element('problem-count', HTMLElement);
  badge.textContent = diagnostics.length === 0 ? '' : String(diagnostics.length);
  badge.className = diagnostics.some(({ severity }) => severity === 'error') ? 'error' : 'warning';
}

function goTo(line: number, column = 1): void {
  if (!wide.matches) tabs.show('program');
  editor.goTo(line, column);
}

/** Of the page itself; empty where all is well again. */
function failed(reason: string): void {
  const place = element('failure', HTMLElement);
  place.textContent = reason;
  place.hidden = reason === '';
}

function quiet(words: string): HTMLElement {
  const line = document.createElement('p');
  line.className = 'quiet';
  line.textContent = words;
  return line;
}

function train(): void {
  if (buttons.train.disabled) return;
  tabs.show('train');
  element('view-train', HTMLElement).scrollTop = 0;
  training.start();
}

buttons.train.addEventListener('click', train);
buttons.format.addEventListener('click', () => compiler.format(program.source));
buttons.share.addEventListener('click', () => void share());
status.addEventListener('click', () => tabs.show('problems'));
target.addEventListener('change', compileNow);
addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  train();
});

async function share(): Promise<void> {
  const address = await program.address();
  try {
    await navigator.clipboard.writeText(address);
    buttons.share.textContent = 'Copied';
    setTimeout(() => (buttons.share.textContent = 'Share'), 2000);
  } catch {
    // Where a page may not write there, the reader copies it.
    prompt('The address of this program', address);
  }
}

enableDivider(element('divider', HTMLElement), element('workspace', HTMLElement));

/** Links of the views lead to lines of the editor and to each other; the address is the program's. */
element('views', HTMLElement).addEventListener('click', (event) => {
  const link = (event.target as Element).closest('a[href^="#"]')?.getAttribute('href')?.slice(1);
  if (link === undefined) return;
  event.preventDefault();
  const line = /^L(\d+)$/.exec(link)?.[1];
  if (line !== undefined) return goTo(Number(line));
  const view = views.placeOf(link);
  if (view === undefined) return;
  tabs.show(view);
  views.reveal(link);
});

const settle = (): void => {
  if (wide.matches && (tabs.current === 'program' || tabs.current === '')) tabs.show('graph');
  if (!wide.matches && tabs.current === '') tabs.show('program');
};
wide.addEventListener('change', settle);
settle();
void program.openAddress();
