import type { Diagnostic } from "@tatou/model";

/** A request that Grafana's API would refuse: its status and the `message` of its body, with ours as `hint`. */
export class RefusedRequest extends Error {
  override readonly name = "RefusedRequest";
  readonly status: number;
  readonly hint?: string;
  /** More fields of the body, such as `status: "version-mismatch"`. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    message: string,
    more: { hint?: string; details?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message);
    this.status = status;
    if (more.hint !== undefined) this.hint = more.hint;
    this.details = more.details ?? {};
  }
}

/** A file below provisioning/ cannot be used; what was there before stays. */
export class ProvisioningError extends Error {
  override readonly name = "ProvisioningError";
  readonly code = "provisioning";
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((diagnostic) => diagnostic.message).join("\n"));
    this.diagnostics = diagnostics;
  }
}
