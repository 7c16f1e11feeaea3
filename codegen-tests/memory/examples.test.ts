/** How close the plans of whole programs come to what no plan can go below. */
import { describe, expect, it } from 'vitest';
import { compile, CPU_PROFILE, DEFAULT_PROFILE } from '../../compiler/index.ts';
import { BASIC_EXAMPLES, exampleSource } from '../support/examples.ts';

/** Below it, alignment and single values decide. */
const LARGE = 1e6;

describe('intermediates of the examples take at most 1.1 times what lives at once', () => {
  for (const file of BASIC_EXAMPLES)
    it(file, () => {
      for (const profile of [
        DEFAULT_PROFILE,
        { ...DEFAULT_PROFILE, deviceClass: 'large' as const },
        CPU_PROFILE,
      ]) {
        const { memory } = compile(exampleSource(file), { profile }).report();
        expect(memory.planned_bytes).toBeGreaterThanOrEqual(memory.lower_bound_bytes);
        if (memory.planned_bytes < LARGE) continue;
        expect(memory.planned_bytes / memory.lower_bound_bytes, profile.deviceClass).toBeLessThanOrEqual(1.1);
      }
    });
});
