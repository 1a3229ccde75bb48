import { defineConfig } from 'vitest/config';

/** Against a Trino that test/trino/run.ts has started: `npm run test:trino`. */
export default defineConfig({
  test: {
    include: ['test/trino/**/*.test.ts'],
    setupFiles: ['test/support/setup.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    reporters: ['verbose'],
  },
});
