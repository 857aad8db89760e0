import { describe, expect, it } from 'vitest';
import { settingsIn } from '../../src/telemetry/telemetry.js';

const CONNECTION = 'InstrumentationKey=00000000-0000-4000-8000-000000000001';
const CLIENT = '11111111-1111-4111-8111-111111111111';

describe('what is read of Application Insights’ settings', () => {
  it.each([
    ['nothing', {}, null],
    ['an empty connection string', { APPLICATIONINSIGHTS_CONNECTION_STRING: ' ' }, null],
    [
      'a way to sign in without a place to send to',
      { APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD' },
      null,
    ],
    [
      'a connection string alone',
      { APPLICATIONINSIGHTS_CONNECTION_STRING: CONNECTION },
      { connectionString: CONNECTION, isByIdentity: false, clientId: null },
    ],
    [
      'the system-assigned identity',
      {
        APPLICATIONINSIGHTS_CONNECTION_STRING: CONNECTION,
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD',
      },
      { connectionString: CONNECTION, isByIdentity: true, clientId: null },
    ],
    [
      'a user-assigned identity, in whatever order and case',
      {
        APPLICATIONINSIGHTS_CONNECTION_STRING: CONNECTION,
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: `clientid=${CLIENT} ; authorization=aad`,
      },
      { connectionString: CONNECTION, isByIdentity: true, clientId: CLIENT },
    ],
  ])('%s', (_, environment, expected) => {
    expect(settingsIn(environment)).toEqual(expected);
  });
});
