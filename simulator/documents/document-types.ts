import { SYSTEM_TOPIC } from '../event-grid/system-topic.js';
import { TOPIC_SUBSCRIPTION } from '../event-grid/topic-subscription.js';
import { USER_ASSIGNED_IDENTITY } from '../identity/user-assigned-identity.js';
import { APP_INSIGHTS } from '../insights/app-insights-component.js';
import { DATA_COLLECTION_RULE } from '../insights/data-collection-rule.js';
import { LOG_TABLE } from '../logs/log-table.js';
import { LOG_WORKSPACE } from '../logs/log-workspace.js';
import { BLOB_CONTAINER, BLOB_SERVICE } from '../storage/blob-container.js';
import { IMMUTABILITY_POLICY } from '../storage/immutability-policy.js';
import { STORAGE_ACCOUNT } from '../storage/storage-account.js';
import { FUNCTION_SITE } from '../web/function-site.js';
import { ONE_DEPLOY } from '../web/one-deploy.js';
import { SERVER_FARM } from '../web/server-farm.js';
import { PUBLISHING_POLICY, SITE_CONFIG } from '../web/site-config.js';
import type { DocumentType } from './document-type.js';

/** What an app like Holdfast is installed with. */
export const DOCUMENT_TYPES: readonly DocumentType[] = [
  USER_ASSIGNED_IDENTITY,
  STORAGE_ACCOUNT,
  BLOB_SERVICE,
  BLOB_CONTAINER,
  IMMUTABILITY_POLICY,
  LOG_WORKSPACE,
  LOG_TABLE,
  DATA_COLLECTION_RULE,
  APP_INSIGHTS,
  SERVER_FARM,
  FUNCTION_SITE,
  SITE_CONFIG,
  PUBLISHING_POLICY,
  ONE_DEPLOY,
  SYSTEM_TOPIC,
  TOPIC_SUBSCRIPTION,
];
