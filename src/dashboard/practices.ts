import { isByHand } from '../types/by-hand.js';
import type { AuditRecord, FindingSource, RecordOutcome, Standing } from './answers.js';

/** A practice in words for somebody who has never heard of it: what it is called, and what is so where it is kept. */
export interface Practice {
  readonly title: string;
  readonly safe: string;
}

export const PRACTICES: Readonly<Record<FindingSource, Practice>> = {
  'vault-purge-protection': {
    title: 'Purge protection',
    safe: 'a deleted vault can be recovered, and nobody can purge it before its time',
  },
  'vault-firewall': { title: 'Vault firewall', safe: 'open to selected networks only' },
  'vault-logic-app-ips': {
    title: 'Logic App addresses',
    safe: 'the firewall lets in every Logic App that reads the vault',
  },
  'vault-temporary-rules': {
    title: 'Temporary addresses',
    safe: 'no address is let in for longer than somebody asked for',
  },
  'vault-least-privilege': {
    title: 'Least privilege',
    safe: 'a Logic App may do with the vault what its definition does, and nothing else',
  },
  'vault-readers': { title: 'Readers', safe: 'each Logic App that reads the vault is able to' },
  'vault-logging': { title: 'Audit events', safe: 'who used the vault is logged' },
  'vault-deleted': { title: 'Deleted vaults', safe: 'no vault lies deleted' },
  'workflow-secure-outputs': {
    title: 'Secure outputs',
    safe: 'no action that reads a secret writes it into the run history',
  },
  'workflow-secret-flow': { title: 'Secret flow', safe: 'nor does any action that the secret goes on to' },
  'workflow-managed-identity': {
    title: 'Managed identity',
    safe: 'a Logic App with a Key Vault connection has an identity of its own',
  },
  'workflow-plaintext-secrets': {
    title: 'Plain-text secrets',
    safe: 'no key, password or token stands in a definition',
  },
  'workflow-secret-exposure': {
    title: 'Exposed secrets',
    safe: 'a secret that run histories show has been replaced',
  },
  'connection-managed-identity': {
    title: 'Connections',
    safe: 'Key Vault connections sign in with the managed identity',
  },
  'self-audit': {
    title: 'Holdfast itself',
    safe: 'its identity has changed nothing that is not recorded',
  },
};

/** In words; what names no remediator is about Holdfast's own rules, such as a tag. */
export function practiceTitle(id: FindingSource | null): string {
  return id === null ? 'Exemptions' : PRACTICES[id].title;
}

export interface Word {
  readonly text: string;
  /** A mark's colour goes with a word, always: this is never the only sign. */
  readonly tone: 'good' | 'wait' | 'bad' | 'quiet';
  /** For whoever wonders what the word means. */
  readonly meaning: string;
}

export const OUTCOME_WORDS: Readonly<Record<RecordOutcome | 'compliant', Word>> = {
  applied: {
    text: 'repaired',
    tone: 'good',
    meaning: 'Holdfast wrote the change and saw it in Azure’s answer.',
  },
  planned: { text: 'planned', tone: 'wait', meaning: 'Holdfast would change this; nothing was written.' },
  refused: {
    text: 'refused',
    tone: 'wait',
    meaning: 'Holdfast leaves this alone and says why; it is tried again at each sweep.',
  },
  failed: { text: 'failed', tone: 'bad', meaning: 'The change is not seen in Azure.' },
  contested: {
    text: 'contested',
    tone: 'bad',
    meaning: 'Somebody keeps taking this change back; Holdfast leaves it alone for a while.',
  },
  exempt: { text: 'exempt', tone: 'quiet', meaning: 'A tag or a setting holds Holdfast off.' },
  pending: { text: 'under way', tone: 'quiet', meaning: 'The outcome is not known yet.' },
  compliant: { text: 'compliant', tone: 'good', meaning: 'There is nothing to do.' },
};

const DONE_BY_HAND: Word = {
  text: 'changed by hand',
  tone: 'quiet',
  meaning:
    'Somebody had this made on the command line, with their own rights: it takes a repair back, or lets an address in for a while.',
};

/** Of a record: what a person had made in place of a repair is not called one. */
export function outcomeWord(record: Pick<AuditRecord, 'outcome' | 'trigger' | 'edits'>): Word {
  return record.outcome === 'applied' && isByHand(record) ? DONE_BY_HAND : OUTCOME_WORDS[record.outcome];
}

/** Of a resource of which nothing has drifted: safe is what needs nobody. */
export const OPEN_WORD: Word = {
  text: 'to do',
  tone: 'wait',
  meaning: 'nothing has drifted; something is left that only a person can put right',
};

export const STANDING_WORDS: Readonly<Record<Standing, Word>> = {
  compliant: { text: 'safe', tone: 'good', meaning: 'as it should be' },
  drifted: { text: 'drifted', tone: 'bad', meaning: 'not as it should be, and not yet put right' },
  refused: { text: 'refused', tone: 'wait', meaning: 'left alone by Holdfast, which says why' },
  exempt: { text: 'exempt', tone: 'quiet', meaning: 'Holdfast is held off by a tag or a setting' },
};
