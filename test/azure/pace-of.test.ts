import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { expect, test } from 'vitest';
import { bucketOf } from '../../src/azure/bucket-of.js';
import { paceOf } from '../../src/azure/pace-of.js';

const URL = 'https://arm.example/subscriptions/11111111-2222-4333-8444-555555555555/x';
const NOW = Date.parse('2026-11-23T12:00:00Z');
const MINE = 'x-ms-ratelimit-remaining-subscription-reads';
const EVERYBODYS = 'x-ms-ratelimit-remaining-subscription-global-reads';

test.each([
  ['nothing', 200, {}, { remaining: null, isThrottled: false, waitMs: null }],
  ['what is left', 200, { [MINE]: '249' }, { remaining: 249 }],
  ['that less is left to everybody', 200, { [MINE]: '249', [EVERYBODYS]: '12' }, { remaining: 12 }],
  [
    'what is left of something else',
    200,
    { 'x-ms-ratelimit-remaining-subscription-writes': '3' },
    { remaining: null },
  ],
  ['a number that is none', 200, { [MINE]: 'many' }, { remaining: null }],
  ['a number below zero', 200, { [MINE]: '-1' }, { remaining: null }],
  ['too many', 429, { 'retry-after': '17' }, { isThrottled: true, waitMs: 17_100 }],
  ['too many, and no time', 429, {}, { isThrottled: true, waitMs: null }],
  [
    'too many, and no time that can be read',
    429,
    { 'retry-after': 'soon' },
    { isThrottled: true, waitMs: null },
  ],
  ['that a provider has enough', 503, { 'retry-after': '3' }, { isThrottled: true, waitMs: 3100 }],
  ['that a provider is down', 503, {}, { isThrottled: false, waitMs: null }],
  ['that one resource wants time', 409, { 'retry-after': '3' }, { isThrottled: false, waitMs: 3100 }],
  ['when to poll', 202, { 'retry-after': '15' }, { isThrottled: false, waitMs: null }],
  ['a date', 429, { 'retry-after': 'Mon, 23 Nov 2026 12:00:30 GMT' }, { waitMs: 31_000 }],
  [
    'a date, by a clock that is behind ours',
    429,
    { 'retry-after': 'Mon, 23 Nov 2026 11:50:30 GMT', date: 'Mon, 23 Nov 2026 11:50:00 GMT' },
    { waitMs: 31_000 },
  ],
])('Azure says %s', (_name, status, headers, expected) => {
  const response = {
    request: createPipelineRequest({ url: URL }),
    status,
    headers: createHttpHeaders(headers),
  };
  expect(paceOf(bucketOf('GET', URL), response, NOW)).toMatchObject(expected);
});
