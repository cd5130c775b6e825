import { expect, test } from 'vitest';
import { scriptHashes } from '../../tools/frame-script-hashes.mjs';
import { countPlaywright, countVitest } from '../../tools/test-stages.mjs';

test('a test file that could not be loaded counts as one failure', () => {
  const report = {
    numPassedTests: 5,
    numFailedTests: 1,
    testResults: [
      { status: 'passed', assertionResults: [{ status: 'passed' }] },
      { status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'passed' }] },
      { status: 'failed', assertionResults: [] },
    ],
  };
  expect(countVitest(report)).toEqual({ passedCount: 5, failedCount: 2 });
});

test('a browser test that passed only when retried counts as failed', () => {
  const stats = { expected: 7, unexpected: 1, flaky: 1, skipped: 0 };
  const report = { stats, errors: [{ message: 'a file could not be loaded' }] };
  expect(countPlaywright(report)).toEqual({ passedCount: 7, failedCount: 3 });
});

test('the policy names every inline script by the hash that browsers compute', () => {
  expect(scriptHashes('<p>a</p><script>alert(1)</script><script src="a.js"></script>')).toEqual([
    'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=',
  ]);
});
