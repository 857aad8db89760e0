/** The names of workflows for a sentence, e.g. `la-triage, la-block and 3 more`. */
export function workflowNames(workflowIds: readonly string[], most = 5): string {
  const names = [...new Set(workflowIds.map((id) => id.split('/').at(-1) ?? id))];
  if (names.length <= most) return names.join(', ');
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}
