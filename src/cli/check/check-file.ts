import { checkDocument } from '../../template/check-document.js';
import type { Checked, CheckFinding } from '../../template/checked.js';
import { readDocument, type JsonDocument } from '../../template/json-document.js';
import { looksLikeOne } from '../../template/kind.js';
import { locatorOf, type Locator } from '../../template/locate.js';
import { mend, mendingOf } from '../../template/mend.js';
import { TooMuchError } from '../../template/scope.js';
import { CommandError } from '../exit-code.js';
import { isSystemError, reasonOf } from '../output/describe-error.js';
import { encode, readText, UnreadableFileError, type FileText } from './file-text.js';
import type { FoundFile } from './find-files.js';
import { replaceFile } from './replace-file.js';
import { broken, passedOver, type FileReport, type ReportedFinding } from './report.js';

/** Checks a file, and with `fix` mends it. What is wrong with the file itself is in the report, too. */
export async function checkFile(found: FoundFile, fix: boolean, now: Date): Promise<FileReport> {
  try {
    if (/\.bicep(?:param)?$/i.test(found.path)) return broken(found, BICEP);
    return await checkText(found, await readText(found.path), fix, now);
  } catch (error) {
    if (isSystemError(error)) return broken(found, reasonOf(error));
    // A folder has data in it, too, that was never meant for Azure.
    if (error instanceof UnreadableFileError && !found.isNamed && !looksLikeOne(error.beginning ?? ''))
      return passedOver(found);
    if (error instanceof CommandError || error instanceof TooMuchError) return broken(found, error.message);
    throw error;
  }
}

const BICEP = 'Bicep is not read. Build it and check what comes out: az bicep build --file FILE';

async function checkText(found: FoundFile, file: FileText, fix: boolean, now: Date): Promise<FileReport> {
  const { path, isNamed } = found;
  const document = readDocument(file.text);
  if ('what' in document) {
    if (!isNamed && !looksLikeOne(file.text)) return passedOver(found);
    const start = { line: document.line, column: document.column };
    const message = `It is no JSON, neither a template nor a workflow: ${document.what}.`;
    return { ...passedOver(found), error: { path, region: { start, end: start }, message } };
  }
  const checked = checkDocument(document, now);
  if (checked === null) return passedOver(found);
  const { kind, undecided, exempt } = checked;
  const locator = locatorOf(document);
  const outcome = fix ? await mendFile(found, file, document, checked, now) : null;
  const left = outcome?.left ?? checked.findings;
  // What has been mended is told where it was; what is left, where it is now.
  const after = outcome === null || outcome.document === document ? locator : locatorOf(outcome.document);
  const at = (pointer: string, where: Locator): Pick<ReportedFinding, 'path' | 'region'> => ({
    path,
    region: where.regionOf(pointer),
  });
  return {
    path,
    isNamed,
    kind,
    findings: [
      ...(outcome?.mended ?? []).map((finding) => ({
        ...finding,
        ...at(finding.pointer, locator),
        fixes: [],
        isMended: true,
      })),
      ...left.map((finding) => ({
        ...finding,
        ...at(finding.pointer, after),
        fixes: fixesOf(outcome?.document ?? document, finding, after),
        isMended: false,
      })),
    ].sort(inOrder),
    undecided: undecided.map((one) => ({ ...one, ...at(one.pointer, after) })),
    exempt,
    error: outcome?.error === undefined ? null : { path, region: null, message: outcome.error },
  };
}

/** As they stand in the file. */
function inOrder(
  { region: { start: a } }: ReportedFinding,
  { region: { start: b } }: ReportedFinding,
): number {
  return a.line - b.line || a.column - b.column;
}

interface Outcome {
  readonly mended: readonly CheckFinding[];
  readonly left: readonly CheckFinding[];
  /** As the file is now. */
  readonly document: JsonDocument;
  readonly error?: string;
}

/** What could not be written is not mended. */
async function mendFile(
  found: FoundFile,
  file: FileText,
  document: JsonDocument,
  checked: Checked,
  now: Date,
): Promise<Outcome> {
  const { text, mended, left } = mend(document, checked, now);
  if (mended.length === 0) return { mended, left, document };
  const unchanged = { mended: [], left: checked.findings, document };
  if (found.isThroughLink) return { ...unchanged, error: THROUGH_LINK };
  try {
    await replaceFile(found.path, file.bytes, encode(text, file.encoding));
  } catch (error) {
    if (isSystemError(error)) return { ...unchanged, error: `It is not mended: ${reasonOf(error)}.` };
    if (error instanceof CommandError) return { ...unchanged, error: `It is not mended: ${error.message}.` };
    throw error;
  }
  const after = readDocument(text);
  return { mended, left, document: 'what' in after ? document : after };
}

const THROUGH_LINK =
  'It is not mended: a symbolic link leads to it. Name the file itself, or the directory that it is in.';

function fixesOf(
  document: JsonDocument,
  finding: CheckFinding,
  { stretch }: Locator,
): ReportedFinding['fixes'] {
  return (mendingOf(document, finding) ?? []).map(({ offset, length, text }) => ({
    deleted: stretch(offset, length),
    inserted: text,
  }));
}
