/** What every command that talks to Azure takes. */
export interface OnlineOptions {
  /** The tenant to sign in to; the one that `az account show` names where it is absent. */
  readonly tenant?: string;
  readonly subscription?: string;
  readonly scope?: readonly string[];
  /** The name of the storage account of a deployed Holdfast. */
  readonly storage?: string;
  /** The state directory. */
  readonly state?: string;
  readonly json?: boolean;
}

/** A command that writes asks first, unless this says that it need not. */
export interface WritingOptions extends OnlineOptions {
  readonly yes?: boolean;
}
