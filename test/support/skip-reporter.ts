import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

/**
 * Says once a reason, at the end, what was skipped and why. A test that a name filter left out was
 * not skipped for any reason.
 */
export default class SkipReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const isFiltered = this.#vitest?.config.testNamePattern !== undefined;
    const skipped = modules
      .flatMap((module) => [...module.children.allTests('skipped')])
      .map((test) => ({ suite: suiteOf(test), reason: reasonOf(test) }))
      .filter(({ reason }) => reason !== undefined || !isFiltered);
    if (skipped.length === 0) return;
    const byReason = Map.groupBy(skipped, ({ reason }) => reason ?? 'no reason is given');
    const lines = [...byReason].map(([reason, tests]) => {
      const suites = [...new Set(tests.map(({ suite }) => suite))].sort();
      return `  ${reason}: ${tests.length} (${suites.join('; ')})`;
    });
    this.#vitest?.logger.log(['', 'Skipped, and why:', ...lines.sort(), ''].join('\n'));
  }
}

function reasonOf(test: TestCase): string | undefined {
  const result = test.result();
  return result.state === 'skipped' ? result.note : undefined;
}

/** The outermost `describe`, else the file. */
function suiteOf(test: TestCase): string {
  let { parent } = test;
  while (parent.type === 'suite' && parent.parent.type === 'suite') ({ parent } = parent);
  return parent.type === 'suite' ? parent.name : test.module.relativeModuleId;
}
