/** The compiler's worker of the playground: every request is answered, also behind one that failed. */
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CompilerAnswer, CompilerRequest } from '../../compiler/playground/messages.ts';

// Mocks are made before anything else of this file.
const broken = vi.hoisted(() => (): never => {
  throw new Error('internal: a view that cannot be printed');
});
vi.mock('../../compiler/playground/views.ts', () => ({
  VIEWS: { graph: () => ({ text: '<p>graph</p>' }), kernels: broken },
}));
vi.mock('../../compiler/syntax/format/format.ts', () => ({ format: broken }));
vi.mock('../../runtime/device.ts', async (original) => ({
  ...(await original<object>()),
  openHardware: () => Promise.reject(new Error('the adapter went away')),
}));

interface Scope {
  onmessage?: (event: { data: CompilerRequest }) => void;
  postMessage: (answer: CompilerAnswer) => void;
}

const answers: CompilerAnswer[] = [];
const scope = globalThis as unknown as Scope;
beforeAll(async () => {
  Object.assign(globalThis, { NETC_VERSION: '0', NETC_EXAMPLES: [] });
  scope.postMessage = (answer) => void answers.push(answer);
  await import('../../compiler/playground/compile-worker.ts');
});
beforeEach(() => void answers.splice(0));

const source = { file: 'a.net', text: 'model m: x[B, 4] -> y[B, 2] { return x -> dense(2) }\n' };
const compiling = (id: number, text = source.text): CompilerRequest => ({ kind: 'compile', id, source: { ...source, text }, target: 'software' }); // prettier-ignore

/** The answers to requests that are posted at once. */
async function ask(...requests: CompilerRequest[]): Promise<CompilerAnswer[]> {
  for (const data of requests) scope.onmessage?.({ data });
  await vi.waitFor(() => expect(answers).toHaveLength(requests.length));
  return answers;
}

describe('the worker goes on behind', () => {
  test('a view that cannot be printed', async () => {
    const [first, failed, next] = await ask(
      compiling(1),
      { kind: 'print', view: 'kernels' },
      { kind: 'print', view: 'graph' },
    );
    expect(first).toMatchObject({
      kind: 'compiled',
      id: 1,
      diagnostics: [],
      compiled: { about: { program: 'a' } },
    });
    expect(failed).toMatchObject({ kind: 'printed', view: 'kernels' });
    expect(failed).toHaveProperty(
      'html',
      '<p class="quiet">internal error: a view that cannot be printed</p>',
    );
    expect(next).toEqual({ kind: 'printed', view: 'graph', html: '<p>graph</p>' });
  });

  test('a layout that fails', async () => {
    const [failed, next] = await ask({ kind: 'format', source }, compiling(2));
    expect(failed).toEqual({ kind: 'formatted', from: source.text });
    expect(next).toMatchObject({ kind: 'compiled', id: 2, diagnostics: [] });
  });

  test('a device that cannot be asked, and a wrong program', async () => {
    const here: CompilerRequest = { kind: 'compile', id: 3, source, target: 'here' };
    const [failed, again, wrong, next] = await ask(
      here,
      { ...here, id: 4 },
      compiling(5, 'model'),
      compiling(6),
    );
    const fault = { code: 'E0703', message: 'internal error: the adapter went away' };
    expect(failed).toMatchObject({ kind: 'compiled', id: 3, diagnostics: [fault] });
    expect(again).toMatchObject({ kind: 'compiled', id: 4, diagnostics: [fault] });
    expect(wrong).toMatchObject({ kind: 'compiled', id: 5, diagnostics: [{ severity: 'error' }] });
    expect(next).toMatchObject({ kind: 'compiled', id: 6, diagnostics: [] });
  });
});
