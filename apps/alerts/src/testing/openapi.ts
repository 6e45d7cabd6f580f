import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** Alertmanager's own description of its API v2, as data to check answers against; null when it is not at hand. */
export function loadOpenApi(): OpenApi | null {
  const shared = process.env["TATOU_SHARED"] ?? join(import.meta.dirname, "../../../../../shared");
  const path = join(shared, "conformance/api/alertmanager_v2_openapi.yaml");
  return existsSync(path) ? new OpenApi(parse(readFileSync(path, "utf8")) as Specification) : null;
}

interface Specification {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly definitions: Readonly<Record<string, Schema>>;
  readonly responses: Readonly<Record<string, Response>>;
}

interface Operation {
  readonly responses: Readonly<Record<string, Response>>;
}

interface Response {
  readonly $ref?: string;
  readonly schema?: Schema;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly allOf?: readonly Schema[];
}

/** Checks answers against the part of JSON Schema that the description uses. */
export class OpenApi {
  readonly #specification: Specification;

  constructor(specification: Specification) {
    this.#specification = specification;
  }

  /** What is wrong with an answer, each with its path; statuses that are not described are wrong too. */
  problems(operation: { path: string; method: string; status: number }, body: unknown): readonly string[] {
    const described = this.#specification.paths[operation.path]?.[operation.method]?.responses[operation.status];
    if (described === undefined)
      return [`${operation.method} ${operation.path}: status ${operation.status} not described`];
    const response = described.$ref === undefined ? described : this.#specification.responses[lastPart(described.$ref)];
    return response?.schema === undefined ? [] : this.#check(response.schema, body, "$");
  }

  #check(schema: Schema, value: unknown, path: string): readonly string[] {
    if (schema.$ref !== undefined)
      return this.#check(this.#specification.definitions[lastPart(schema.$ref)] ?? {}, value, path);
    if (schema.allOf !== undefined) return schema.allOf.flatMap((part) => this.#check(part, value, path));
    if (schema.type === "object") return this.#checkObject(schema, value, path);
    if (schema.type === "array") return this.#checkArray(schema, value, path);
    if (schema.type === undefined) return [`${path}: no such definition`];
    const isRight = typeof value === schema.type && (schema.enum?.includes(value as string) ?? true);
    const isTime = schema.format !== "date-time" || !Number.isNaN(Date.parse(String(value)));
    return isRight && isTime ? [] : [`${path}: ${JSON.stringify(value)} is no ${schema.format ?? schema.type}`];
  }

  #checkObject(schema: Schema, value: unknown, path: string): readonly string[] {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${path}: no object`];
    const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(value, name));
    const wrong = Object.entries(value).flatMap(([name, part]) => {
      const described = schema.properties?.[name] ?? schema.additionalProperties;
      return described === undefined ? [] : this.#check(described, part, `${path}.${name}`);
    });
    return [...missing.map((name) => `${path}.${name}: missing`), ...wrong];
  }

  #checkArray(schema: Schema, value: unknown, path: string): readonly string[] {
    if (!Array.isArray(value)) return [`${path}: no array`];
    if (value.length < (schema.minItems ?? 0)) return [`${path}: too few items`];
    return value.flatMap((item, index) => this.#check(schema.items ?? {}, item, `${path}[${index}]`));
  }
}

function lastPart(reference: string): string {
  return reference.slice(reference.lastIndexOf("/") + 1);
}
