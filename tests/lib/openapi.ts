import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { repository } from "./processes.ts";

/**
 * A published description of an HTTP API (OpenAPI 3 or Swagger 2), as data to check answers against; null when the
 * conformance data is not at hand.
 * @param file its name in conformance/api
 */
export function loadOpenApi(file: string): OpenApi | null {
  const shared = process.env["TATOU_SHARED"] ?? join(repository, "../shared");
  const path = join(shared, "conformance/api", file);
  return existsSync(path) ? new OpenApi(parse(readFileSync(path, "utf8")) as Specification) : null;
}

interface Specification {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly responses: Readonly<Record<string, Response>>;
}

interface Response {
  readonly $ref?: string;
  /** Swagger 2. */
  readonly schema?: Schema;
  /** OpenAPI 3. */
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

export interface AnswerPlace {
  /** As the description writes it: "/label/{name}/values". */
  readonly path: string;
  /** Lower case. */
  readonly method: string;
  readonly status: number;
}

/** Checks answers against the part of JSON Schema that these descriptions use. */
export class OpenApi {
  readonly #specification: Specification;

  constructor(specification: Specification) {
    this.#specification = specification;
  }

  /** What is wrong with an answer, each with its path; what is not described is wrong too. */
  problems({ path, method, status }: AnswerPlace, body: unknown): readonly string[] {
    const responses = this.#specification.paths[path]?.[method]?.responses;
    const described = responses?.[status] ?? (status >= 400 ? responses?.["default"] : undefined);
    if (described === undefined) return [`${method} ${path}: status ${status} not described`];
    const response = described.$ref === undefined ? described : (this.#resolve(described.$ref) as Response);
    const schema = response.schema ?? response.content?.["application/json"]?.schema;
    return schema === undefined ? [] : this.#check(schema, body, "$");
  }

  /** Follows "#/components/schemas/Labels". */
  #resolve(reference: string): unknown {
    let found: unknown = this.#specification;
    for (const name of reference.split("/").slice(1)) found = (found as Record<string, unknown>)[name];
    if (found === undefined) throw new Error(`The description has no ${reference}`);
    return found;
  }

  #check(schema: Schema, value: unknown, path: string): readonly string[] {
    if (schema.$ref !== undefined) return this.#check(this.#resolve(schema.$ref) as Schema, value, path);
    if (schema.allOf !== undefined) return schema.allOf.flatMap((part) => this.#check(part, value, path));
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices !== undefined) return this.#checkChoices(choices, value, path);
    switch (schema.type) {
      case "object":
        return this.#checkObject(schema, value, path);
      case "array":
        return this.#checkArray(schema, value, path);
      default:
        return isScalar(schema, value)
          ? []
          : [`${path}: ${JSON.stringify(value)} is no ${schema.format ?? schema.type}`];
    }
  }

  /** The complaints of the choice that fits best. */
  #checkChoices(choices: readonly Schema[], value: unknown, path: string): readonly string[] {
    const complaints = choices.map((choice) => this.#check(choice, value, path));
    return complaints.reduce((best, each) => (each.length < best.length ? each : best));
  }

  #checkObject(schema: Schema, value: unknown, path: string): readonly string[] {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${path}: no object`];
    const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(value, name));
    const wrong = Object.entries(value).flatMap(([name, part]) => {
      const described = schema.properties?.[name] ?? schema.additionalProperties;
      if (described === false) return [`${path}.${name}: not described`];
      return described === undefined || described === true ? [] : this.#check(described, part, `${path}.${name}`);
    });
    return [...missing.map((name) => `${path}.${name}: missing`), ...wrong];
  }

  #checkArray(schema: Schema, value: unknown, path: string): readonly string[] {
    if (!Array.isArray(value)) return [`${path}: no array`];
    if (value.length < (schema.minItems ?? 0)) return [`${path}: too few items`];
    if (value.length > (schema.maxItems ?? Number.POSITIVE_INFINITY)) return [`${path}: too many items`];
    return value.flatMap((item, index) => this.#check(schema.items ?? {}, item, `${path}[${index}]`));
  }
}

function isScalar({ type, format, enum: values }: Schema, value: unknown): boolean {
  const hasType = type === undefined || (type === "integer" ? Number.isInteger(value) : typeof value === type);
  const isTime = format !== "date-time" || !Number.isNaN(Date.parse(String(value)));
  return hasType && isTime && (values?.includes(value) ?? true);
}
