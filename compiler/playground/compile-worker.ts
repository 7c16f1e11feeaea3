/**
 * The compiler away from the page: typing never waits for it. In: requests. Out: diagnostics, summaries, views. One
 * compilation is kept, the newest without errors; views are printed when they are looked at.
 */
import { summarize } from '../../runtime/browser/summary.ts';
import { CompileError, errorAt, type Diagnostic } from '../diagnostics.ts';
import { compile, type Compilation, type SourceText } from '../index.ts';
import { pageParts, type PageParts } from '../inspect-page/parts.ts';
import { referenceWords } from '../reference/words.ts';
import { format } from '../syntax/format/format.ts';
import { ShownProfiles } from './devices.ts';
import { exampleText } from './examples.ts';
import type { CompiledSummary, CompilerAnswer, CompilerRequest, Listening } from './messages.ts';
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

/** One after the other, in the order they come. */
let turn: Promise<void> = Promise.resolve();
scope.onmessage = ({ data }) => {
  turn = turn.then(() => answer(data as CompilerRequest));
};
scope.postMessage({ kind: 'listening' });
post({ kind: 'ready', words: referenceWords() });

async function answer(request: CompilerRequest): Promise<void> {
  switch (request.kind) {
    case 'compile':
      return post({ kind: 'compiled', id: request.id, ...(await compiled(request)) });
    case 'print':
      if (parts) post({ kind: 'printed', view: request.view, html: VIEWS[request.view](parts()).text });
      return;
    case 'format': {
      const { file, text } = request.source;
      const { text: laidOut } = format(text, file);
      return post({ kind: 'formatted', from: text, ...(laidOut === undefined ? {} : { text: laidOut }) });
    }
    default:
      request satisfies never;
  }
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
    const reason = error instanceof Error ? error.message : String(error);
    return { diagnostics: [errorAt('E0703', undefined, reason.replace(/^internal: /, 'internal error: '))] };
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
