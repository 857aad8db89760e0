/**
 * What an installation sets beside Holdfast's own settings: the arguments of the Node.js that runs the app. A heap that
 * may grow to gigabytes is collected so seldom that memory grows with the estate.
 * https://learn.microsoft.com/azure/azure-functions/functions-reference-node#environment-variables
 */
export const APP_SETTINGS = { languageWorkers__node__arguments: '--max-old-space-size=512' } as const;
