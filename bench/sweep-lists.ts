/** The lists that show everything in a subscription that Holdfast looks at, from their first page on. */
export function listsOf(subscription: string): readonly string[] {
  const providers = `/subscriptions/${subscription}/providers`;
  const group = `/subscriptions/${subscription}/resourceGroups/rg-bench/providers`;
  return [
    `/subscriptions/${subscription}/resourcegroups?api-version=2021-04-01`,
    // Whether ARM lists the connections of a whole subscription is not known: by group it does.
    `${group}/Microsoft.Web/connections?api-version=2016-06-01`,
    `${providers}/Microsoft.Logic/workflows?api-version=2019-05-01`,
    `${providers}/Microsoft.KeyVault/vaults?api-version=2026-02-01`,
    `${providers}/Microsoft.KeyVault/deletedVaults?api-version=2026-02-01`,
  ];
}
