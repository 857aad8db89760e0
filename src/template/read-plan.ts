import type { ResourcePlan } from '../engine/plan-resource.js';
import type { Finding } from '../remediators/remediator.js';
import type { Edit } from '../types/edit.js';
import type { RemediatorId } from '../types/remediator-id.js';
import { HOLE } from '../workflow/folded.js';
import { NOTHING, together, type CheckFinding, type Part } from './checked.js';
import { fileEditsOf } from './file-edits.js';
import { originOf } from './materialise.js';
import { PLANNED, ruleOf, type RuleId } from './rules.js';
import { RESOURCE_GROUP, SUBSCRIPTION_ID } from './stand-ins.js';
import type { Subject } from './subject.js';

/** What else decides what a plan says, and where its findings are. */
export interface Reading {
  readonly subject: Subject;
  /** The text of the file. */
  readonly text: string;
  /** Where in the subject a finding is. */
  readonly placeOf: (about: string | undefined) => string;
  /** Which edits are one finding: those of the same key. */
  readonly groupOf: (edit: Edit) => string;
  /** Other places whose values the rule reads: what is not known there leaves it undecided. */
  readonly alsoReads: (rule: RuleId) => readonly string[];
  /** Why what is planned is not done here; null where it is. */
  readonly obstacleTo: (rule: RuleId) => string | null;
}

/** What the engine plans for a resource, as findings of the file that it is deployed from. */
export function readPlan({ remediations, findings }: ResourcePlan, reading: Reading): Part {
  const parts = remediations
    .filter(({ remediator }) => PLANNED.has(remediator))
    .map(({ remediator, disposition, plan }): Part => {
      const rule = ruleFor(remediator);
      const groups = [...Map.groupBy(plan.edits, reading.groupOf).values()];
      const part = together([
        ...groups.map((edits) => fromEdits(rule, edits, null, plan.warnings, reading)),
        ...plan.refusals.map(({ reason, edits }) => fromEdits(rule, edits, reason, [], reading)),
        ...plan.findings.map((finding) => fromFinding(rule, finding, reading)),
      ]);
      return disposition === 'exempt' ? { ...NOTHING, exempt: part.findings.length } : part;
    });
  return together([
    ...parts,
    ...findings.map((finding) => fromFinding('exemption', finding, { ...reading, placeOf: () => '/tags' })),
  ]);
}

function ruleFor(id: RemediatorId): RuleId {
  return ruleOf(id as RuleId).id;
}

function fromEdits(
  id: RuleId,
  edits: readonly Edit[],
  refusal: string | null,
  warnings: readonly string[],
  reading: Reading,
): Part {
  const { subject } = reading;
  const rule = ruleOf(id);
  const [first] = edits;
  const path = first?.path ?? reading.placeOf(undefined);
  const origin = originOf(subject.from, path);
  const reasons = reasonsOf(id, edits);
  const common = {
    rule: id,
    resource: subject.label,
    pointer: origin.nearest,
    about: first === undefined ? id : reading.groupOf(first),
  };
  const read = [...edits.map((edit) => edit.path), ...reading.alsoReads(id)];
  if (read.some((place) => !originOf(subject.from, place).isKnown)) {
    const title = `this is ${rule.title.charAt(0).toLowerCase()}${rule.title.slice(1)}`;
    const message = `The deployment decides whether ${reasons === null ? title : shown(reasons)}.`;
    return { ...NOTHING, undecided: [{ ...common, message, step: rule.step }] };
  }
  const prepared = fileEditsOf(edits, subject, reading.text);
  const obstacle = refusal ?? reading.obstacleTo(id) ?? (typeof prepared === 'string' ? prepared : null);
  const isMended = obstacle === null && typeof prepared !== 'string';
  const finding: CheckFinding = {
    ...common,
    severity: rule.severity,
    message: `${sentence(reasons ?? refusal ?? rule.title)}${byDefault(origin.defaults)}`,
    step: rule.step,
    edits: isMended ? prepared.edits : [],
    obstacle: obstacle === null ? null : sentence(obstacle),
    warnings: isMended ? [...prepared.warnings, ...warnings].map(shown) : [],
  };
  return { ...NOTHING, findings: [finding] };
}

/** What is wrong, by the edits that would put it right; null where there are none. */
function reasonsOf(id: RuleId, edits: readonly Edit[]): string | null {
  const reasons = [...new Set(edits.map(({ reason }) => reason))];
  // The first says that the vault is open; what else goes into the same write is not what is wrong.
  const [first = null] = reasons;
  return id === 'vault-firewall' || first === null ? first : reasons.join('; ');
}

function fromFinding(rule: RuleId, { severity, about, reason, step }: Finding, reading: Reading): Part {
  const { subject } = reading;
  const origin = originOf(subject.from, reading.placeOf(about));
  const finding = forAPerson({
    rule,
    severity,
    message: `${sentence(reason)}${byDefault(origin.defaults)}`,
    step: sentence(step),
    resource: subject.label,
    pointer: origin.nearest,
    about: about ?? reason,
  });
  return { ...NOTHING, findings: [finding] };
}

export const ONLY_A_PERSON = 'Only a person can put that right.';

/** A finding that no edit of the file mends. */
export function forAPerson(finding: Omit<CheckFinding, 'edits' | 'obstacle' | 'warnings'>): CheckFinding {
  return { ...finding, edits: [], obstacle: ONLY_A_PERSON, warnings: [] };
}

/** A reason as a sentence: with a capital, and a full stop. */
export function sentence(text: string): string {
  const whole = shown(text.trim());
  const end = /[.!?]$/.test(whole) ? '' : '.';
  return `${whole.charAt(0).toUpperCase()}${whole.slice(1)}${end}`;
}

/** What is not known of a name is an ellipsis; so is what only stands in for it. */
function shown(text: string): string {
  return text
    .replaceAll(HOLE, '…')
    .replaceAll('The vault as Azure returned it has', 'The vault has')
    .replaceAll(SUBSCRIPTION_ID, '…')
    .replaceAll(`/resourceGroups/${RESOURCE_GROUP}/`, '/resourceGroups/…/')
    .replaceAll('/locations/location/', '/locations/…/');
}

function byDefault(names: readonly string[]): string {
  if (names.length === 0) return '';
  const list = names.map((name) => `"${name}"`).join(', ');
  return ` It is so by the default of the parameter${names.length > 1 ? 's' : ''} ${list}.`;
}
