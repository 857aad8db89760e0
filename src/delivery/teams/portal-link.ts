const PUBLIC_ARM = 'https://management.azure.com';

/**
 * Links to a resource in the Azure portal; each cloud has a portal of its own, and only the public one's is known here.
 * The form is that of Azure Monitor's `portalLink`
 * (https://learn.microsoft.com/azure/azure-monitor/autoscale/autoscale-webhook-email).
 */
export function portalLinks(armEndpoint: string): (resourceId: string) => string | null {
  return (resourceId) => {
    if (armEndpoint !== PUBLIC_ARM) return null;
    const path = resourceId.toWellFormed().split('/').map(encodeURIComponent).join('/');
    // A resource group's name may have parentheses, which would end the link in Markdown.
    return `https://portal.azure.com/#resource${path.replaceAll('(', '%28').replaceAll(')', '%29')}`;
  };
}
