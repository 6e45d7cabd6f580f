import type { Generated } from "kysely";

/** Row types of the platform's database. Times are ISO-8601 texts in UTC. */
export interface Tables {
  readonly Users: {
    readonly id: Generated<number>;
    readonly email: string;
    readonly login: string;
    readonly hpassword: string;
    readonly token_version: Generated<number>;
    readonly created_at: string;
  };
  readonly Documents: {
    readonly id: Generated<number>;
    readonly ownerid: number;
    readonly name: string;
    /** Relative to the storage folder. */
    readonly path: string;
    readonly creation: string;
    readonly sha256: Uint8Array;
    readonly size: number;
  };
  readonly Versions: {
    readonly id: Generated<number>;
    readonly documentid: number;
    readonly link: string;
    readonly intended_for: string | null;
    readonly secret: string;
    readonly method: string;
    readonly position: string | null;
    readonly path: string;
    readonly sha256: Uint8Array;
    /** 0 for those made before sizes were kept. */
    readonly size: Generated<number>;
    readonly created_at: string;
    readonly expires_at: string | null;
  };
  readonly RevokedTokens: { readonly jti: string; readonly expires_at: string };
  readonly AuditLog: {
    readonly id: Generated<number>;
    readonly at: string;
    readonly actor: number | null;
    readonly action: string;
    readonly object: string | null;
    readonly client_ip: string;
    readonly result: string;
  };
}
