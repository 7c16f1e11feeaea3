/** How a piece of work fails. In: a promise, or what to call. Out: the runtime's failure; anything else fails the test. */
import { RuntimeFailure } from '../../runtime/failure.ts';

type Work = Promise<unknown> | (() => unknown);

export async function failureOf(work: Work): Promise<RuntimeFailure> {
  let value: unknown;
  try {
    value = await (typeof work === 'function' ? work() : work);
  } catch (error) {
    if (error instanceof RuntimeFailure) return error;
    throw error;
  }
  throw new Error('nothing failed', { cause: value });
}

/** As "code line: message". */
export async function failureText(work: Work): Promise<string> {
  const { code, span, message } = (await failureOf(work)).diagnostic;
  return `${code} ${span?.line ?? '-'}: ${message}`;
}
