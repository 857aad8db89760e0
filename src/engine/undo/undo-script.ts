import type { UndoCommand } from './undo.js';
import { asciiJson, shellQuoted } from './shell-quoted.js';

type Rest = UndoCommand['rest'];

/**
 * A request as `az rest` commands for a POSIX shell. One whose body is made of what there is now reads it first, into a
 * directory that nobody else can read (a definition may hold a secret) and that is removed again; each command runs only
 * where the one before it has succeeded.
 */
export function azRest({ method, url, body, jq }: Rest): string {
  const target = `--url ${shellQuoted(url)}`;
  const send = `az rest --method ${method.toLowerCase()} ${target}`;
  const typed = '--headers Content-Type=application/json --output none';
  if (jq === null) {
    return body === null
      ? `${send} --output none`
      : `${send} --body ${shellQuoted(asciiJson(body))} ${typed}`;
  }
  return [
    '( d=$(mktemp -d) && trap \'rm -rf "$d"\' EXIT',
    `az rest --method get ${target} --output-file "$d/before"`,
    `jq -c ${shellQuoted(jq)} "$d/before" > "$d/after"`,
    `${send} --body "@$d/after" ${typed} )`,
  ].join(' &&\n  ');
}
