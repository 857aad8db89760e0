/** The groups of the tenant's directory: who is in them, by object id. Groups may be in groups. */
export class Groups {
  readonly #members = new Map<string, Set<string>>();

  add(groupId: string, memberId: string): void {
    const key = groupId.toLowerCase();
    this.#members.set(key, (this.#members.get(key) ?? new Set()).add(memberId.toLowerCase()));
  }

  remove(groupId: string, memberId: string): void {
    this.#members.get(groupId.toLowerCase())?.delete(memberId.toLowerCase());
  }

  /** The object ids that somebody acts with: its own, and those of every group it is in, also by another group. */
  idsOf(principalId: string): ReadonlySet<string> {
    const ids = new Set([principalId.toLowerCase()]);
    for (const id of ids) {
      for (const [group, members] of this.#members) if (members.has(id)) ids.add(group);
    }
    return ids;
  }
}
