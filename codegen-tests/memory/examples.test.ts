/** How close the plans of whole programs come to what no plan can go below. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../compiler/index.ts';
import { classProfile } from '../support/profiles.ts';
import { EXAMPLE_FILES, exampleText } from '../support/examples.ts';

describe('intermediates of the examples take at most 1.1 times what lives at once', () => {
  for (const file of EXAMPLE_FILES)
    it(file, () => {
      const text = exampleText(file);
      for (const deviceClass of ['software', 'small', 'large', 'cpu'] as const) {
        const profile = classProfile(deviceClass);
        const { memory } = compile({ file, text }, { profile }).report();
        expect(memory.planned_bytes).toBeGreaterThanOrEqual(memory.lower_bound_bytes);
        expect(memory.planned_bytes / memory.lower_bound_bytes, deviceClass).toBeLessThanOrEqual(1.1);
      }
    });
});
