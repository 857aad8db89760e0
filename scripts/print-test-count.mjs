/**
 * Prints what a test run came to, alone on the last line: `N passed, N failed`. Takes vitest's JSON report, and that of
 * the chaos, each of whose runs counts as a test.
 */
import { readFileSync } from 'node:fs';

const [tests, chaos] = process.argv.slice(2).map(readReport);
const {
  numPassedTests = 0,
  numFailedTests = 0,
  numPendingTests = 0,
  numTodoTests = 0,
  testResults = [],
} = tests ?? {};
/** A file that did not even load has no tests to count, and still failed. */
const brokenFiles = testResults.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
).length;
const runs = chaos?.runs ?? 0;
const violated = chaos?.failing.length ?? 0;
if (chaos) console.log(`chaos: ${JSON.stringify(chaos)}`);
const passed = numPassedTests + runs - violated;
const failed = numFailedTests + brokenFiles + violated + (tests === null ? 1 : 0) + (chaos === null ? 1 : 0);
const skipped = numPendingTests + numTodoTests;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);

/** Null where there is none, because what was to write it has died. */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
