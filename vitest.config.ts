import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/deploy/**'],
    setupFiles: ['test/support/setup.ts'],
    testTimeout: 20_000,
    unstubEnvs: true,
    coverage: { include: ['functions/**/*.ts'], reporter: ['text-summary', 'html'] },
  },
});
