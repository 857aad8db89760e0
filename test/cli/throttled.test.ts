import { createHttpHeaders, createPipelineRequest, type HttpClient } from '@azure/core-rest-pipeline';
import { expect, test } from 'vitest';
import { watching } from '../../src/cli/online/encounters.js';
import { progressOn } from '../../src/cli/output/progress.js';

/** A terminal of 100 columns, and what was written to it. */
function terminal(isTerminal: boolean) {
  const written: string[] = [];
  const output = {
    write: (text: string) => void written.push(text),
    isTerminal,
    hasColor: false,
    columns: 100,
    style: (_style: unknown, text: string) => text,
  };
  return { output, written };
}

const answering = (status: number): HttpClient => ({
  sendRequest: (request) =>
    Promise.resolve({ request, status, headers: createHttpHeaders(), bodyAsText: '' }),
});

test.each([
  [200, true, []],
  [503, true, []],
  [429, true, ['\r\u001b[2Kmanagement.azure.com asks to wait (429): it is asked again. Ctrl-C ends this.']],
  [429, false, []],
])(
  'an answer of %i is shown at once on a terminal (%s), also just after something else: %j',
  async (status, is, shown) => {
    const { output, written } = terminal(is);
    const progress = progressOn(output);
    progress.show('Looked at 1 resource …');
    const before = written.length;
    const { http } = watching(answering(status), progress.wait);
    await http.sendRequest(createPipelineRequest({ url: 'https://management.azure.com/subscriptions' }));
    expect(written.slice(before)).toEqual(shown);
  },
);
