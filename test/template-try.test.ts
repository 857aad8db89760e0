import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'vitest';
import { readDocument } from '../src/template/json-document.js';
import { checkDocument } from '../src/template/check-document.js';
test('x', () => {
  for (const f of readdirSync('/work/shared/corpus').filter((f) => f.endsWith('.json'))) {
    const d = readDocument(readFileSync('/work/shared/corpus/' + f, 'utf8'));
    if ('what' in d) { console.log(f, d); continue; }
    const t = performance.now();
    const c = checkDocument(d, new Date());
    console.log(f, c?.kind, (performance.now() - t).toFixed(0) + 'ms');
    for (const x of c?.findings ?? []) console.log('   ', x.rule, x.severity, x.edits.length, x.obstacle?.slice(0,60), x.pointer, '|', x.message);
    for (const x of c?.undecided ?? []) console.log('   ?', x.rule, x.pointer, x.message);
  }
});
