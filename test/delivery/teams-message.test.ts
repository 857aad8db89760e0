import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CardElement } from '../../src/delivery/teams/card-elements.js';
import { changeText } from '../../src/delivery/teams/change-text.js';
import { portalLinks } from '../../src/delivery/teams/portal-link.js';
import { TOLD_OUTCOMES, type Links, type ToldRecord } from '../../src/delivery/teams/resource-part.js';
import { bytesIn, isTold, teamsMessage } from '../../src/delivery/teams/teams-message.js';
import { takingBackReason } from '../../src/types/by-hand.js';
import type { Edit } from '../../src/types/edit.js';
import { RECORD_OUTCOMES } from '../../src/types/record.js';
import { aRecord, vaultIdOf } from '../state/records.js';

const LINKS: Links = {
  portal: portalLinks('https://management.azure.com'),
  app: 'https://holdfast.azurewebsites.net',
};

function told(about: Partial<ToldRecord> = {}): ToldRecord {
  return { ...aRecord({ id: 'record-1', correlationId: 'c-1' }), outcome: 'applied', ...about };
}

const bodyOf = (records: readonly ToldRecord[], links = LINKS): readonly CardElement[] =>
  teamsMessage(records, links).attachments[0].content.body;

/** The card as it reads, a line for each element; Markdown lines are marked. */
function linesOf(elements: readonly CardElement[]): readonly string[] {
  return elements.flatMap((element) => {
    if (element.type === 'Container') return ['---', ...linesOf(element.items)];
    return element.type === 'TextBlock'
      ? [`md: ${element.text}`]
      : [element.inlines.map(({ text }) => text).join('')];
  });
}

describe('what a card says', () => {
  test('a change: what happened, where, who caused it, before and after, the portal, and how it is taken back', () => {
    expect(linesOf(bodyOf([told()]))).toEqual([
      'md: Holdfast: Put right',
      '1 applied',
      '---',
      'kv-one Microsoft.KeyVault/vaults in Rg, subscription 00000000-0000-4000-8000-000000000001',
      'Written before by mallory@contoso.com from 203.0.113.7',
      'Put right by vault-firewall',
      'networkAcls › defaultAction: Allow → Deny (The firewall is open to all networks.)',
      'How to take it back: GET https://holdfast.azurewebsites.net/api/audit/record-1/undo',
      `md: [Open in the portal](https://portal.azure.com/#resource${vaultIdOf('kv-one')})`,
      'All of it: GET https://holdfast.azurewebsites.net/api/audit?correlationId=c-1',
    ]);
  });

  test.each<[string, Partial<ToldRecord>, string, string]>([
    [
      'an approval: who approved, and had not written',
      { trigger: 'http' },
      'Approved by mallory@contoso.com from 203.0.113.7',
      'Put right by vault-firewall',
    ],
    [
      'a repair by the command line: who had it done',
      { trigger: 'cli' },
      'Done on the command line by mallory@contoso.com from 203.0.113.7',
      'Put right by vault-firewall',
    ],
    [
      'a repair that somebody took back: it is not said to be put right',
      {
        trigger: 'cli',
        edits: [
          {
            op: 'set',
            path: '/properties/networkAcls/defaultAction',
            before: 'Deny',
            after: 'Allow',
            reason: takingBackReason('record-0'),
          },
        ],
      },
      'Done on the command line by mallory@contoso.com from 203.0.113.7',
      'Changed by hand (vault-firewall)',
    ],
  ])('%s', (_name, about, who, what) => {
    const lines = linesOf(bodyOf([told(about)]));
    expect(lines.slice(4, 6)).toEqual([who, what]);
    expect(lines[0]).toBe(`md: Holdfast: ${what.startsWith('Changed') ? 'Changed by hand' : 'Put right'}`);
  });

  test.each([
    [0, '1 applied'],
    [1, '1 applied · 1 more record in the next card'],
    [342, '1 applied · 342 more records in the next card'],
  ])('that %i of its records come after it', (more, expected) => {
    const { body } = teamsMessage([told()], LINKS, more).attachments[0].content;
    expect(linesOf(body)[1]).toBe(expected);
  });

  test.each<[ToldRecord['outcome'], RegExp, RegExp]>([
    ['applied', /^Put right by vault-firewall$/, /How to take it back: GET .*\/api\/audit\/record-1\/undo$/],
    ['planned', /^Would put right by/, /To have it made: POST .*\/api\/remediate, or .*\/api\/approve/],
    ['refused', /^Did not put right by/, /To have it tried now: POST .*\/api\/remediate$/],
    ['failed', /^Could not put right by/, /To have it tried now: POST .*\/api\/remediate$/],
    ['contested', /^Left alone, because it keeps being reverted by/, /To have it tried now: POST/],
  ])('%s', (outcome, what, step) => {
    const lines = linesOf(bodyOf([told({ outcome, error: 'Why not.', warnings: ['Beware.'] })]));
    expect(lines).toContainEqual(expect.stringMatching(what));
    expect(lines).toContainEqual(expect.stringMatching(step));
    expect(lines).toEqual(expect.arrayContaining(['Why not.', 'Beware.']));
  });

  test('people are told of all outcomes but what is exempt or not known yet', () => {
    const outcomes = RECORD_OUTCOMES.filter((outcome) => isTold(aRecord({ outcome })));
    expect(outcomes.toSorted()).toEqual([...TOLD_OUTCOMES].toSorted());
    expect(RECORD_OUTCOMES.filter((outcome) => !isTold(aRecord({ outcome })))).toEqual(['pending', 'exempt']);
  });

  test('a sweep: how many resources, and the worst first; the records of one resource together', () => {
    const sweep = { trigger: 'sweep', correlationId: 'run', actor: null } as const;
    const lines = linesOf(
      bodyOf([
        told({ ...sweep, resourceId: vaultIdOf('kv-good') }),
        told({ ...sweep, resourceId: vaultIdOf('kv-two'), remediator: 'vault-purge-protection' }),
        told({ ...sweep, resourceId: vaultIdOf('kv-bad'), outcome: 'failed' }),
        told({ ...sweep, resourceId: vaultIdOf('KV-TWO'), outcome: 'refused' }),
      ]),
    );
    expect(lines.slice(0, 2)).toEqual([
      'md: Holdfast: Sweep: 3 resources',
      '1 failed · 1 refused · 2 applied',
    ]);
    const names = lines.filter((_, i) => lines[i - 1] === '---').map((text) => text.split(' ')[0]);
    expect(names).toEqual(['kv-bad', 'KV-TWO', 'kv-good']);
    expect(lines.filter((text) => text.startsWith('Written before'))).toEqual([]);
  });

  test('a cloud whose portal nobody knows: no link', () => {
    const links = { ...LINKS, portal: portalLinks('https://management.chinacloudapi.cn') };
    expect(JSON.stringify(bodyOf([told()], links))).not.toContain('portal');
  });

  test('where the app does not know its own name, a path is named', () => {
    expect(linesOf(bodyOf([told()], { ...LINKS, app: '' }))).toContain(
      'How to take it back: GET /api/audit/record-1/undo',
    );
  });

  test('of too much, as much as fits, and where the rest is', () => {
    const records = Array.from({ length: 500 }, (_, i) => told({ resourceId: vaultIdOf(`kv-${i}`) }));
    const lines = linesOf(bodyOf(records));
    const shown = lines.filter((text) => text === '---').length;
    expect(shown).toBeGreaterThan(10);
    expect(lines.at(-1)).toBe(
      `… and ${500 - shown} resources more. All of it: GET https://holdfast.azurewebsites.net/api/audit?correlationId=c-1`,
    );
  });
});

describe('a change as one text', () => {
  test.each<[string, Pick<Edit, 'op' | 'path' | 'before' | 'after'>, string]>([
    ['set', { op: 'set', path: '/properties/a/b', before: 'x', after: 'y' }, 'a › b: x → y'],
    [
      'set for the first time',
      { op: 'set', path: '/properties/a', before: null, after: true },
      'a: not set → true',
    ],
    ['taken out of use', { op: 'set', path: '/properties/a', before: 1, after: null }, 'a: 1 → null'],
    [
      'added',
      { op: 'add', path: '/properties/ipRules', before: null, after: { value: '1.2.3.4' } },
      'ipRules: + {"value":"1.2.3.4"}',
    ],
    ['removed', { op: 'remove', path: '/tags', before: 'x', after: null }, 'tags: − x'],
    [
      'a name with a slash',
      { op: 'set', path: '/properties/a~1b~0c', before: null, after: 0 },
      'a/b~c: not set → 0',
    ],
    [
      'all of a resource',
      { op: 'set', path: '/properties', before: null, after: {} },
      'properties: not set → {}',
    ],
  ])('%s', (_name, edit, expected) => {
    expect(changeText({ ...edit, reason: 'Because.' } as Edit)).toBe(expected);
  });
});

describe('a link to the portal', () => {
  test('ends where it is to end, whatever the names', () => {
    const portal = portalLinks('https://management.azure.com');
    expect(portal('/subscriptions/s/resourceGroups/Gruppe (ä) [x]/providers/p/t/n')).toBe(
      'https://portal.azure.com/#resource/subscriptions/s/resourceGroups/Gruppe%20%28%C3%A4%29%20%5Bx%5D/providers/p/t/n',
    );
  });
});

describe('whatever the records hold', () => {
  const text = fc.oneof(
    { weight: 3, arbitrary: fc.string({ unit: 'grapheme', maxLength: 400 }) },
    fc.constantFrom(
      '<at>all</at>',
      '[x](https://evil)',
      '**b**',
      '{{DATE(2017-02-14T06:00:00Z)}}',
      '\u0000'.repeat(300),
    ),
  );
  const edit = fc.record({
    op: fc.constant('set' as const),
    path: text.map((name) => `/properties/${name}`),
    before: fc.jsonValue(),
    after: text,
    reason: text,
  });
  const record = fc.record({
    resource: text,
    outcome: fc.constantFrom(...TOLD_OUTCOMES),
    trigger: fc.constantFrom('event' as const, 'sweep' as const),
    edits: fc.array(edit, { maxLength: 30 }),
    warnings: fc.array(text, { maxLength: 20 }),
    error: fc.option(text),
    actor: fc.option(fc.record({ id: fc.option(text), name: fc.option(text), ip: fc.option(text) })),
    correlationId: text,
  });

  test('the card fits, and Markdown holds none of it but in a link’s address', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 40 }), (given) => {
        const records = given.map(({ resource, edits, ...rest }) =>
          told({ ...rest, edits: edits as unknown as readonly Edit[], resourceId: vaultIdOf(resource) }),
        );
        const message = teamsMessage(records, LINKS);
        expect(bytesIn(message)).toBeLessThanOrEqual(24_000);
        expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(24_000);
        const body = message.attachments[0].content.body;
        const markdown = linesOf(body).filter((line) => line.startsWith('md: '));
        for (const line of markdown)
          expect(line).toMatch(
            /^md: (?:Holdfast: [A-Za-z, ]+(?:: \d+ resources|\d+ resources?|: 1 resource)?|\[Open in the portal\]\(https:\/\/portal\.azure\.com\/#resource[\w\-.~!*'%/]+\))$/,
          );
        // At least the worst is told of.
        expect(body.some(({ type }) => type === 'Container')).toBe(true);
        expect(message.attachments[0].content).not.toHaveProperty('msteams.entities');
      }),
      { numRuns: 60 },
    );
  });
});
