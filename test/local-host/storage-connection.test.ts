import { describe, expect, it } from 'vitest';
import { connectToQueues } from '../../local-host/storage-connection.js';

const connectionString = (account: string) =>
  `DefaultEndpointsProtocol=https;AccountName=${account};AccountKey=${Buffer.from('key').toString('base64')};EndpointSuffix=core.windows.net`;

describe('a storage connection', () => {
  it.each<[string, string, Record<string, string>, string]>([
    [
      'the setting of that name',
      'MyAccount',
      { MyAccount: connectionString('one') },
      'https://one.queue.core.windows.net',
    ],
    [
      'the setting with the prefix AzureWebJobs',
      'Storage',
      { AzureWebJobsStorage: connectionString('one'), Storage: connectionString('two') },
      'https://one.queue.core.windows.net',
    ],
    [
      'the address of the queue service, for an identity',
      'AzureWebJobsStorage',
      {
        AzureWebJobsStorage__queueServiceUri: 'https://one.queue.core.usgovcloudapi.net',
        AzureWebJobsStorage__clientId: 'x',
      },
      'https://one.queue.core.usgovcloudapi.net',
    ],
    [
      'the name of the account, for an identity',
      'Storage',
      { AzureWebJobsStorage__accountName: 'one' },
      'https://one.queue.core.windows.net',
    ],
    [
      'Azurite',
      'Storage',
      { AzureWebJobsStorage: 'UseDevelopmentStorage=true' },
      'http://127.0.0.1:10001/devstoreaccount1',
    ],
  ])('is %s', (_, connection, settings, url) => {
    expect(connectToQueues(connection, settings).url.replace(/\/$/, '')).toBe(url);
  });

  it('that is missing is asked for by name', () => {
    expect(() => connectToQueues('MyAccount', { MyAccount: '' })).toThrow(
      "The storage connection 'MyAccount' does not exist: set the app setting MyAccount, or AzureWebJobsMyAccount.",
    );
  });
});
