import { z } from 'zod';
import { badRequest } from '../arm/arm-error.js';
import { HttpsUrl } from '../documents/body-parts.js';
import { defineType } from '../documents/define-type.js';
import { packageAccessProblem } from './host-problem.js';

/**
 * Code by a package's URL:
 * https://learn.microsoft.com/azure/azure-functions/functions-infrastructure-as-code?pivots=flex-consumption-plan#deployment-package
 * What is in the package somebody has said before (`azure.functionApps.publish`): nothing is downloaded here.
 */
export const ONE_DEPLOY = defineType({
  type: 'Microsoft.Web/sites/extensions',
  apiVersions: ['2022-09-01'],
  name: /^onedeploy$/i,
  body: z.strictObject({
    properties: z.strictObject({ packageUri: HttpsUrl, remoteBuild: z.boolean().optional() }),
  }),
  check({ world, place }, { properties: { packageUri } }) {
    const site = place.parentId === null ? undefined : world.documents.find(place.parentId);
    const problem = site === undefined ? 'the site is missing' : packageAccessProblem(world, site);
    if (problem !== null) {
      throw badRequest(
        `InaccessibleStorageException: Failed to access storage account for deployment: ${problem}.`,
      );
    }
    if (world.functionApps.packageAt(packageUri) === undefined) {
      throw badRequest(`The package could not be downloaded: '${packageUri}' answered 404.`);
    }
  },
  generated: () => ({ provisioningState: 'Succeeded' }),
  stored(world, { parentId, content: { properties } }) {
    const functions = world.functionApps.packageAt(String(properties.packageUri)) ?? [];
    if (parentId !== null) world.functionApps.deploy(parentId, functions);
  },
});
