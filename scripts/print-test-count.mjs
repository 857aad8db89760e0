/** Prints what a test run came to, alone on the last line: `N passed, N failed`. Takes vitest's JSON report. */
import { readFileSync } from 'node:fs';

const {
  numPassedTests,
  numFailedTests,
  numPendingTests,
  numTodoTests = 0,
  testResults,
} = JSON.parse(readFileSync(process.argv[2], 'utf8'));
/** A file that did not even load has no tests to count, and still failed. */
const brokenFiles = testResults.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
).length;
const skipped = numPendingTests + numTodoTests;
const failed = numFailedTests + brokenFiles;
console.log(`${numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
