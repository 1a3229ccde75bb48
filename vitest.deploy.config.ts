import { defineConfig } from 'vitest/config';

/** Against a deployment that test/deploy/run.ts has made: `npm run test:deploy`. */
export default defineConfig({
  test: {
    include: ['test/deploy/**/*.test.ts'],
    setupFiles: ['test/support/setup.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 30_000,
    // The one that prints what a test says of itself (counts) also when it passes.
    reporters: ['verbose'],
  },
});
