/** Makes requests from the description of the interface: valid ones, nearly valid ones, and nonsense. */
import type { DescribedMethod, DescribedOperation, OpenApiDocument } from "../openapi/describe-api.ts";
import type { Schema } from "../openapi/operation.ts";
import { resolveSchema } from "./json-schema.ts";
import { pdfSamples } from "./pdf-samples.ts";
import type { Random } from "./random.ts";
import { type TestRequest, uploadForm } from "./test-server.ts";

/** What the requests so far brought into being, for the next ones to use. */
export interface RandomState {
  readonly tokens: string[];
  readonly ids: number[];
  readonly links: string[];
  readonly accounts: { readonly email: string; readonly password: string }[];
}

export interface RandomRequest extends TestRequest {
  readonly method: string;
  /** What the description has to say about it; null for nonsense. */
  readonly operation: DescribedOperation | null;
}

interface Target {
  readonly path: string;
  readonly method: DescribedMethod;
  readonly operation: DescribedOperation;
}

const attacks = [
  "' OR '1'='1",
  "1; DROP TABLE Users",
  "<img src=x onerror=alert(1)>",
  "../../etc/passwd",
  "%2e%2e%2f",
  "__proto__",
  "constructor",
  "\u0000",
  "9007199254740993",
  "1e3",
  "-1",
  "",
];

export class RandomRequests {
  readonly #random: Random;
  readonly #state: RandomState;
  readonly #targets: readonly Target[];
  #serial = 0;
  /** Whose email and password the next body may hold. */
  #account: RandomState["accounts"][number];

  constructor(description: OpenApiDocument, random: Random, state: RandomState) {
    this.#random = random;
    this.#state = state;
    this.#account = random.pick(state.accounts);
    this.#targets = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method: method as DescribedMethod, operation })),
    );
  }

  next(): RandomRequest {
    const from = `127.0.${this.#random.below(2)}.${1 + this.#random.below(200)}`;
    if (this.#random.chance(0.1)) return { ...this.#nonsense(), from };
    const targets = this.#targets.filter((target) => this.#random.chance(weightOf(target)));
    return { ...this.#described(this.#random.pick(targets)), from };
  }

  #described({ path, method, operation }: Target): RandomRequest {
    const isExact = this.#random.chance(0.5);
    const parameters = operation.parameters ?? [];
    const target = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(this.#place(name, isExact)));
    const queries = parameters
      .filter((parameter) => parameter.in === "query" && this.#random.chance(0.6))
      .map(({ name }) => `${name}=${encodeURIComponent(this.#place(name, isExact))}`);
    const headers: Record<string, string> = {};
    for (const { name } of parameters.filter((parameter) => parameter.in === "header" && this.#random.chance(0.3))) {
      headers[name.toLowerCase()] = this.#random.pick([
        "bytes=0-9",
        "bytes=9-",
        "bytes=99999999-",
        "*",
        '"x"',
        "bytes=-",
      ]);
    }
    const token = this.#token(operation, isExact);
    const request = {
      method: method.toUpperCase(),
      path: queries.length === 0 ? target : `${target}?${queries.join("&")}`,
      operation,
      ...(token === null ? {} : { token }),
    };
    const body = this.#body(operation, isExact);
    return body === null
      ? { ...request, headers }
      : { ...request, headers: { ...headers, ...body.headers }, body: body.body };
  }

  #token(operation: DescribedOperation, isExact: boolean): string | null {
    if (operation.security === undefined && this.#random.chance(0.9)) return null;
    const token = this.#random.pick(this.#state.tokens);
    if (isExact || this.#random.chance(0.8)) return token;
    return this.#random.pick([null, "x", `${token}x`, token.slice(1), token.replace(".", "..")]);
  }

  /** A parameter: an id or a link that exists, one that could, or anything. */
  #place(name: string, isExact: boolean): string {
    const known = name === "link" ? this.#state.links : this.#state.ids.map(String);
    if (known.length > 0 && (isExact || this.#random.chance(0.5))) return this.#random.pick(known);
    if (this.#random.chance(0.3)) return name === "link" ? "0".repeat(32) : String(this.#random.below(10_000) + 1);
    return withoutHalves(this.#random.chance(0.5) ? this.#random.pick(attacks) : this.#random.text(60)) || "x";
  }

  #body(
    operation: DescribedOperation,
    isExact: boolean,
  ): { headers: Record<string, string>; body: string | Buffer } | null {
    const content = operation.requestBody?.content;
    if (content === undefined) return this.#random.chance(0.05) ? this.#oddBody() : null;
    if (!isExact && this.#random.chance(0.1)) return this.#oddBody();
    const form = content["multipart/form-data"];
    if (form !== undefined) return this.#form(isExact);
    const schema = resolveSchema(content["application/json"]?.schema ?? {});
    const value = this.#object(schema, isExact);
    return { headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
  }

  #object(schema: Schema, isExact: boolean): Record<string, unknown> {
    this.#account = this.#random.pick(this.#state.accounts);
    const required = schema.required ?? [];
    const entries = Object.entries(schema.properties ?? {})
      .filter(([name]) => required.includes(name) || this.#random.chance(0.5))
      .map(([name, field]) => [name, this.#field(name, field)] as const);
    const value: Record<string, unknown> = Object.fromEntries(entries);
    const names = Object.keys(value);
    if (isExact || names.length === 0) return value;
    const changed = this.#random.pick(names);
    if (this.#random.chance(0.3)) delete value[changed];
    else value[changed] = this.#wrong();
    return value;
  }

  /** A right value for a field. */
  #field(name: string, schema: Schema): unknown {
    switch (name) {
      case "id":
      case "documentid": {
        const id = this.#state.ids.length > 0 ? this.#random.pick(this.#state.ids) : 1;
        return this.#random.chance(0.5) ? id : String(id);
      }
      case "email":
        return schema.format === "email" ? `user${++this.#serial}@example.org` : this.#account.email;
      case "login":
        return `user${this.#serial}`;
      case "password":
        return this.#account.password;
      case "key":
        return this.#random.pick(["key", "other key"]);
      default:
        if (schema.enum !== undefined) return this.#random.pick(schema.enum);
        return this.#random.text(Math.min(schema.maxLength ?? 40, 40)).replace(/\p{Surrogate}/gu, "") || "text";
    }
  }

  #wrong(): unknown {
    return this.#random.pick<() => unknown>([
      () => null,
      () => true,
      () => [],
      () => ({}),
      () => -1.5,
      () => 1e300,
      () => "x".repeat(2_000),
      () => this.#random.pick(attacks),
      () => this.#random.text(400),
    ])();
  }

  #form(isExact: boolean): { headers: Record<string, string>; body: Buffer } {
    const names = isExact ? ["plain"] : Object.keys(pdfSamples).filter((name) => name !== "bomb");
    const file = pdfSamples[this.#random.pick(names) as keyof typeof pdfSamples];
    if (isExact) return uploadForm(file, this.#random.chance(0.5) ? {} : { name: "a name.pdf" });
    const form = uploadForm(file, {
      fileName: this.#random.pick(["a.pdf", "a.PDF", "a.exe", "", "../../x.pdf", "<svg onload=x>.pdf"]),
      contentType: this.#random.pick(["application/pdf", "text/html", null, "application/octet-stream"]),
      fieldName: this.#random.pick(["file", "file", "files"]),
    });
    return this.#random.chance(0.8)
      ? form
      : { ...form, body: form.body.subarray(0, this.#random.below(form.body.length)) };
  }

  #oddBody(): { headers: Record<string, string>; body: string | Buffer } {
    const type = this.#random.pick([
      "application/json",
      "application/json; charset=x",
      "text/plain",
      "multipart/form-data",
      "x",
    ]);
    const body = this.#random.pick([
      "",
      "{",
      "[]",
      "null",
      "7",
      '"text"',
      '{"a":1',
      "x".repeat(70_000),
      "{}",
      '{"id":1e400}',
    ]);
    return {
      headers: { "content-type": type },
      body: this.#random.chance(0.9) ? body : Buffer.from([0xff, 0xfe, 0x00, 0x7b]),
    };
  }

  #nonsense(): RandomRequest {
    const { path } = this.#random.pick(this.#targets);
    const segment = encodeURIComponent(withoutHalves(this.#random.text(20)));
    const paths = [
      `/${segment}`,
      `${path}/${segment}`,
      `${path}/`,
      path.toUpperCase(),
      `/api/${segment}?${segment}`,
      `/%2e%2e/${segment}`,
    ];
    return {
      method: this.#random.pick([
        "GET",
        "POST",
        "PUT",
        "PATCH",
        "DELETE",
        "HEAD",
        "OPTIONS",
        "PROPFIND",
        "TRACE",
        "QUERY",
      ]),
      path: this.#random.pick([...paths, path.replace(/[{}]/g, "x")]),
      headers: { [`x-${this.#random.below(1_000)}`]: "y", "x-forwarded-for": `10.0.0.${this.#random.below(250)}` },
      operation: null,
      ...(this.#random.chance(0.2) ? this.#oddBody() : {}),
    };
  }
}

/** What changes nothing, is the same for every path, or takes away what others need, comes less often. */
function weightOf({ path, method, operation }: Target): number {
  if (operation.tags[0] === "pages" || method === "options" || /logout|delete|refresh/.test(path)) return 0.1;
  return method === "head" ? 0.3 : 1;
}

/** Half a surrogate pair cannot be percent-encoded. */
function withoutHalves(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "");
}
