import { describe, expect, it } from 'vitest';
import { parseRoute } from '../../local-host/http-routes.js';

describe('a route', () => {
  it.each<[string, string, string, Record<string, string> | undefined]>([
    ['matches literally', 'remediate', 'remediate', {}],
    ['ignores case and a slash at the end', 'Remediate', 'reMEDiate/', {}],
    ['matches nothing longer', 'remediate', 'remediate/now', undefined],
    ['matches nothing shorter', 'audit/{id}/undo', 'audit/7', undefined],
    ['gives its parameters', 'audit/{id}/undo', 'audit/7/undo', { id: '7' }],
    ['decodes a parameter', 'audit/{id}', 'audit/a%20b', { id: 'a b' }],
    ['leaves an encoded slash', 'audit/{id}', 'audit/a%2Fb', { id: 'a%2Fb' }],
    ['leaves what is no encoding', 'audit/{id}', 'audit/100%', { id: '100%' }],
    ['needs its parameter', 'audit/{id}', 'audit/', undefined],
    ['takes no empty parameter', 'audit/{id}/undo', 'audit//undo', undefined],
    ['goes without an optional one', 'audit/{id?}', 'audit', {}],
    ['takes an optional one', 'audit/{id?}', 'audit/7', { id: '7' }],
    ['fills in a default', 'audit/{id=all}', 'audit', { id: 'all' }],
    ['holds a constraint', 'audit/{id:int}', 'audit/seven', undefined],
    ['passes a constraint', 'audit/{id:int}', 'audit/-7', { id: '-7' }],
    ['catches all that is left', 'files/{*path}', 'files/a/b%20c', { path: 'a/b c' }],
    ['catches nothing, too', 'files/{*path}', 'files', {}],
    ['may be empty', '', '', {}],
  ])('%s', (_, template, path, values) => {
    expect(parseRoute(template).match(path)).toEqual(values);
  });

  it('comes before a less exact one', () => {
    const templates = ['{*rest}', 'audit/{id}', 'audit/{id:int}', 'audit/latest', '{*rest:alpha}'];
    const precedence = (template: string) => parseRoute(template).precedence;
    expect(templates.toSorted((one, other) => precedence(one).localeCompare(precedence(other)))).toEqual([
      'audit/latest',
      'audit/{id:int}',
      'audit/{id}',
      '{*rest:alpha}',
      '{*rest}',
    ]);
  });

  it.each([
    ['mixes text and parameter', 'audit/v{id}'],
    ['has an unknown constraint', 'audit/{id:regex(a)}'],
    ['is cut off', 'audit/{id'],
    ['goes on after a catch-all', '{*rest}/audit'],
  ])('is refused if it %s', (_, template) => {
    expect(() => parseRoute(template)).toThrow(template);
  });
});
