/** As the command's flags give them. */
export interface DrillCommandOptions {
  readonly all?: true | undefined;
  readonly list?: true | undefined;
  readonly clock?: "virtual" | "real" | "both" | undefined;
  readonly target?: string | undefined;
  readonly prometheus?: string | undefined;
  readonly alertmanager?: string | undefined;
  readonly inbox?: string | undefined;
  readonly receiver?: string | undefined;
  readonly source: string;
  readonly live?: true | undefined;
  readonly ownStack?: true | undefined;
  readonly rmapKeys?: string | undefined;
  readonly monitoringDir: string;
  readonly drills?: string | undefined;
  readonly json?: true | undefined;
  readonly junit?: string | undefined;
  readonly html?: string | undefined;
  /** How often all of it is repeated; once without it. */
  readonly schedule?: number | undefined;
  readonly listen: string;
  readonly "state.path": string;
  readonly "web.trustedNetwork"?: true | undefined;
}

/** What the parts of a run share. */
export interface DrillSetting {
  readonly options: DrillCommandOptions;
  readonly drillsDirectory: string;
  readonly budgets: ReadonlyMap<string, number>;
  /** null when only the end is to be printed. */
  readonly screen: NodeJS.WriteStream | null;
  readonly signal: AbortSignal;
}
