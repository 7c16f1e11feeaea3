/** How close the plans of whole programs come to what no plan can go below. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compile } from '../../compiler/index.ts';
import { classProfile } from '../support/profiles.ts';

const EXAMPLES = fileURLToPath(new URL('../../dsl-examples/', import.meta.url));

describe('intermediates of the examples take at most 1.1 times what lives at once', () => {
  for (const file of fs.readdirSync(EXAMPLES).filter((name) => name.endsWith('.net')))
    it(file, () => {
      const text = fs.readFileSync(path.join(EXAMPLES, file), 'utf8');
      for (const deviceClass of ['software', 'small', 'large', 'cpu'] as const) {
        const profile = classProfile(deviceClass);
        const { memory } = compile({ file, text }, { profile }).report();
        expect(memory.planned_bytes).toBeGreaterThanOrEqual(memory.lower_bound_bytes);
        expect(memory.planned_bytes / memory.lower_bound_bytes, deviceClass).toBeLessThanOrEqual(1.1);
      }
    });
});
