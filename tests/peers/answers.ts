/** The parts of the originals' answers that the tests of peers read. */
export interface QueryAnswer {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value: readonly [number, string];
    }[];
  };
}

export interface RulesAnswer {
  readonly data: {
    readonly groups: readonly {
      readonly name: string;
      readonly rules: readonly { readonly name: string; readonly health: string; readonly lastError?: string }[];
    }[];
  };
}

export interface MetadataAnswer {
  readonly data: Readonly<Record<string, readonly { readonly type: string }[]>>;
}

export interface AlertAnswer {
  readonly labels: Readonly<Record<string, string>>;
  readonly generatorURL: string;
  readonly receivers: readonly { readonly name: string }[];
}

export interface InboxAnswer {
  readonly messages: readonly {
    readonly receiver: string;
    readonly status: string;
    readonly alerts: readonly { readonly labels: Readonly<Record<string, string>> }[];
  }[];
}
