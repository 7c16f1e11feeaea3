/**
 * Data that lies beside the project, not in it: parity cases, MNIST, the peers. Tests that use it say that
 * they were skipped where it is not there.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';

const SHARED = fileURLToPath(new URL('../../../shared/', import.meta.url));

/** The absolute path of a file or folder of ../shared, or a skip with the reason. */
export function sharedOrSkip(context: TestContext, name: string): string {
  const found = path.join(SHARED, name);
  if (!fs.existsSync(found)) context.skip(`needs ../shared/${name}, which is not there`);
  return found;
}
