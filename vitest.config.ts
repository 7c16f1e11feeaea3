import { defineConfig } from 'vitest/config';

export default defineConfig({
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
