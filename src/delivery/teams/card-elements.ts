/*
 * The elements of an Adaptive Card that we use; all are of version 1.2.
 * https://learn.microsoft.com/adaptive-cards/schema-explorer/adaptive-card
 */

/** Markdown. For our own words and links alone. */
export interface TextBlock {
  readonly type: 'TextBlock';
  readonly text: string;
  readonly wrap: true;
  readonly size?: 'Large';
  readonly weight?: 'Bolder';
  readonly isSubtle?: true;
}

/** Plain text: Markdown is not supported in it (https://learn.microsoft.com/adaptive-cards/schema-explorer/text-run). */
export interface TextRun extends RunStyle {
  readonly type: 'TextRun';
  readonly text: string;
}

export interface RunStyle {
  readonly weight?: 'Bolder';
  readonly color?: 'Good' | 'Warning' | 'Attention' | 'Accent';
  readonly isSubtle?: true;
}

export interface RichTextBlock {
  readonly type: 'RichTextBlock';
  readonly inlines: readonly TextRun[];
}

export interface Container {
  readonly type: 'Container';
  readonly separator: true;
  readonly items: readonly CardElement[];
}

export type CardElement = TextBlock | RichTextBlock | Container;
