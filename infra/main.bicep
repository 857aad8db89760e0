// For `azd up`: a resource group, and the ARM template, which is the whole installation, in it.
targetScope = 'subscription'

@minLength(1)
@maxLength(64)
@description('The name of the azd environment.')
param environmentName string

@description('The region, one that has Azure Functions Flex Consumption.')
param location string

@description('What Holdfast watches, comma-separated: /subscriptions/{id} or /subscriptions/{id}/resourceGroups/{name}. Empty: this subscription.')
param scopes string = ''

@allowed(['audit', 'enforce'])
@description('audit plans and records; enforce writes.')
param mode string = 'audit'

@description('A mode for single remediators, e.g. vault-firewall=approve.')
param remediators string = ''

@description('What is left as it is for good: resource ids, or id=remediator+remediator, comma-separated.')
param exempt string = ''

@description('Object ids, comma-separated, whose permissions on vaults are their own business.')
param keepPrincipals string = ''

@description('How much Holdfast changes by itself in a sweep and in an hour of events: a number, or a percentage.')
param maxChanges string = '50'

@description('Further app settings by name. A deployment replaces all app settings: what is set by hand is gone.')
param settings object = {}

@description('Whether the immutability policy of the archive has been locked: then it is left as it is.')
param archivePolicyIsLocked bool = false

@description('When everything is looked at: NCRONTAB, six fields, UTC.')
param sweepSchedule string = '0 0 * * * *'

@description('Resource id of the Log Analytics workspace that the vaults\' audit events go to.')
param logWorkspaceId string = ''

@secure()
@description('The URL of a Teams workflow that begins with a webhook.')
param teamsWebhookUrl string = ''

@description('Application (client) id of the registration that callers sign in with.')
param authClientId string = ''

@description('Whether Event Grid is told to call the app: once the app is deployed, and not before.')
param eventSubscriptions bool = false

@description('Event Grid system topics that are there already, by subscription id.')
param systemTopics object = {}

resource group 'Microsoft.Resources/resourceGroups@2022-09-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: { 'azd-env-name': environmentName }
}

module holdfast 'azuredeploy.json' = {
  name: 'holdfast'
  scope: group
  params: {
    location: location
    scopes: empty(scopes) ? [subscription().id] : split(scopes, ',')
    mode: mode
    remediators: remediators
    exempt: exempt
    keepPrincipals: keepPrincipals
    maxChanges: maxChanges
    settings: settings
    archivePolicyIsLocked: archivePolicyIsLocked
    sweepSchedule: sweepSchedule
    logWorkspaceId: logWorkspaceId
    teamsWebhookUrl: teamsWebhookUrl
    authClientId: authClientId
    // azd deploys the package itself.
    packageUri: ''
    eventSubscriptions: eventSubscriptions
    systemTopics: systemTopics
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output HOLDFAST_FUNCTION_APP string = holdfast.outputs.functionApp
output HOLDFAST_URL string = holdfast.outputs.url
