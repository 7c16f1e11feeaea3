/**
 * The compiler away from the page: typing never waits for it. In: requests. Out: diagnostics, summaries, views. One
 * compilation is kept, the newest without errors; views are printed when they are looked at.
 */
import { summarize } from '../../runtime/browser/summary.ts';
import { CompileError, errorAt, type Diagnostic } from '../diagnostics.ts';
import { compile, type Compilation, type SourceText } from '../index.ts';
import { html, type Markup } from '../host/markup.ts';
import { pageParts, type PageParts } from '../inspect-page/parts.ts';
import { referenceWords } from '../reference/words.ts';
import { format } from '../syntax/format/format.ts';
import { ShownProfiles } from './devices.ts';
import { exampleText } from './examples.ts';
import type { CompiledSummary, CompilerAnswer, CompilerRequest, Listening, PrintedView } from './messages.ts';
import { VIEWS } from './views.ts';

interface WorkerScope {
  onmessage: (event: { data: unknown }) => void;
  postMessage(message: CompilerAnswer | Listening): void;
}

const scope = globalThis as unknown as WorkerScope;
const profiles = new ShownProfiles();
const post = (answer: CompilerAnswer): void => scope.postMessage(answer);

/** Of the newest compilation; made when a view is first asked for. */
let parts: (() => PageParts) | undefined;

/** One after the other, in the order they come; each is answered, also where something fails in it. */
let turn: Promise<void> = Promise.resolve();
scope.onmessage = ({ data }) => {
  const request = data as CompilerRequest;
  turn = turn.then(async () => post(await answer(request).catch((error: unknown) => failed(request, error))));
};
scope.postMessage({ kind: 'listening' });
post({ kind: 'ready', words: referenceWords() });

async function answer(request: CompilerRequest): Promise<CompilerAnswer> {
  switch (request.kind) {
    case 'compile':
      return { kind: 'compiled', id: request.id, ...(await compiled(request)) };
    case 'print':
      return printed(
        request.view,
        parts ? VIEWS[request.view](parts()) : note('There is nothing to show yet.'),
      );
    case 'format': {
      const { file, text } = request.source;
      const { text: laidOut } = format(text, file);
      return { kind: 'formatted', from: text, ...(laidOut === undefined ? {} : { text: laidOut }) };
    }
    default:
      return request satisfies never;
  }
}

const printed = (view: PrintedView, { text }: Markup): CompilerAnswer => ({
  kind: 'printed',
  view,
  html: text,
});
const note = (words: string): Markup => html`<p class="quiet">${words}</p>`;

/** A fault of netc, in the place of what was asked for. */
function failed(request: CompilerRequest, error: unknown): CompilerAnswer {
  const { message } = faultOf(error);
  switch (request.kind) {
    case 'compile':
      return { kind: 'compiled', id: request.id, diagnostics: [faultOf(error)] };
    case 'print':
      return printed(request.view, note(message));
    case 'format':
      return { kind: 'formatted', from: request.source.text };
    default:
      return request satisfies never;
  }
}

function faultOf(error: unknown): Diagnostic {
  const reason = error instanceof Error ? error.message : String(error);
  return errorAt('E0703', undefined, `internal error: ${reason.replace(/^internal: /, '')}`);
}

interface Outcome {
  diagnostics: readonly Diagnostic[];
  compiled?: CompiledSummary;
}

async function compiled({ source, target }: Extract<CompilerRequest, { kind: 'compile' }>): Promise<Outcome> {
  const { profile, words } = await profiles.of(target);
  try {
    const begin = performance.now();
    const compilation = compile(source, { profile, resolve: exampleText });
    const milliseconds = performance.now() - begin;
    parts = once(() => pageParts(source.file, source.text, compilation));
    return {
      diagnostics: compilation.warnings,
      compiled: { ...summaryOf(source, compilation), milliseconds, target: words },
    };
  } catch (error) {
    if (error instanceof CompileError) return { diagnostics: error.diagnostics };
    throw error;
  }
}

function summaryOf(
  { file }: SourceText,
  compilation: Compilation,
): Omit<CompiledSummary, 'milliseconds' | 'target'> {
  const { listing } = compilation;
  const about = summarize(listing, NETC_VERSION, { webgpu: true, cpu: true });
  const { kernels } = compilation.cost();
  if (listing.training === undefined) {
    return { about, kernels, untrainable: `${file} has no \`train on …\` block` };
  }
  if (about.files.length === 0) {
    return { about, kernels, untrainable: `${file} names no files of data to train on` };
  }
  return { about, kernels };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
