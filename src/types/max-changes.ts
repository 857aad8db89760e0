/** How much Holdfast may change by itself, in one sweep and in any hour of events. */
export type MaxChanges =
  | { readonly kind: 'count'; readonly count: number }
  /** Of the resources that the last complete sweep saw. */
  | { readonly kind: 'percentage'; readonly percent: number };
