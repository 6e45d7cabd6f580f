/** The part of OpenAPI 3.1 that our description is made of. */

/** JSON Schema 2020-12, as far as it is used. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly format?: string;
  readonly contentMediaType?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

/** Media type → what it holds. */
export type Content = Readonly<Record<string, { readonly schema: Schema }>>;

export interface Answer {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: Schema }>>;
  readonly content?: Content;
}

/** What one method of one or more paths does; what all routes have in common is added when the description is put together. */
export interface Operation {
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  /** Takes the number of a document from its path or query. */
  readonly isAboutDocument?: true;
  readonly parameters?: readonly Parameter[];
  readonly body?: { readonly required: boolean; readonly content: Content };
  /** By status. */
  readonly answers: Readonly<Record<number, Answer>>;
}

export const tags = {
  accounts: "Accounts and bearer tokens",
  documents: "Documents, each seen by its owner alone",
  versions: "Marked copies, and the secret links to them",
  watermarks: "Making and reading marks",
  rmap: "Roger Michael Authentication Protocol: a marked copy for whoever proves an identity",
  operation: "For those who run the platform",
  pages: "The pages of the platform and what belongs to them",
} as const;

export type Tag = keyof typeof tags;
