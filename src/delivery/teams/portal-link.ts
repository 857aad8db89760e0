const PUBLIC_ARM = 'https://management.azure.com';

/**
 * Links to a resource in the Azure portal; each cloud has a portal of its own, and only the public one's is known here.
 * The form is that of Azure Monitor's `portalLink`
 * (https://learn.microsoft.com/azure/azure-monitor/autoscale/autoscale-webhook-email).
 */
export function portalLinks(armEndpoint: string): (resourceId: string) => string | null {
  const portal = portalOf(armEndpoint);
  return (resourceId) => {
    if (portal === null) return null;
    const path = resourceId.toWellFormed().split('/').map(encodeURIComponent).join('/');
    // A resource group's name may have parentheses, which would end the link in Markdown.
    return `${portal}${path.replaceAll('(', '%28').replaceAll(')', '%29')}`;
  };
}

/** What a resource's id follows in a link to it; null where the cloud's portal is not known. */
export function portalOf(armEndpoint: string): string | null {
  return armEndpoint === PUBLIC_ARM ? 'https://portal.azure.com/#resource' : null;
}
