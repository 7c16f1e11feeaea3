import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Benchmarks measure what is built; tests of them run on the sources, so that no stale build is tested.
  resolve: { alias: [{ find: /^(?:\.\.\/)+dist\/(.*)\.js$/, replacement: fileURLToPath(new URL('$1.ts', import.meta.url)) }] }, // prettier-ignore
  test: {
    include: ['codegen-tests/**/*.test.ts'],
    globalSetup: ['codegen-tests/support/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // One native WebGPU instance a process: tests that share a worker would share its lifetime.
    pool: 'forks',
    maxWorkers: 2,
  },
});
