import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const shared = { setupFiles: ['test/support/setup.ts'], testTimeout: 30_000, unstubEnvs: true };

export default defineConfig({
  test: {
    globalSetup: ['test/support/temporary-folder.ts'],
    // Some tests wait for processes of their own, so a small machine has room for one more worker than it has cores.
    maxWorkers: Math.max(3, availableParallelism()),
    coverage: { include: ['functions/**/*.ts'], reporter: ['text-summary', 'html'] },
    projects: [
      // One process for all of these: loading aws-cdk-lib takes longer than the tests do.
      {
        test: {
          ...shared,
          name: 'cdk',
          include: ['test/cdk/**/*.test.ts', 'test/docs/stack.test.ts'],
          isolate: false,
        },
      },
      {
        test: {
          ...shared,
          name: 'product',
          include: ['test/**/*.test.ts'],
          exclude: ['test/cdk/**', 'test/docs/stack.test.ts', 'test/deploy/**', 'test/trino/**'],
        },
      },
    ],
  },
});
