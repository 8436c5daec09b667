import { defineConfig } from 'vitest/config';

// `.ci/run` names a file to count the results from.
const resultsFile = process.env['TEST_RESULTS_FILE'];
const REPORTERS = ['default', './test/support/skip-reporter.ts'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/setup.ts'],
    sequence: { shuffle: true },
    testTimeout: 20_000,
    hookTimeout: 60_000,
    reporters: [...REPORTERS, ...(resultsFile === undefined ? [] : ['json'])],
    ...(resultsFile === undefined ? {} : { outputFile: { json: resultsFile } }),
  },
});
