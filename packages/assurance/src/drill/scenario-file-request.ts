import { type Decode, type Fields, fault, type Located, mapOf, oneOf, readFields, type YamlNode } from "@tatou/config";
import { payloads } from "./payloads/registry.ts";
import { headerProblem, pathProblem } from "./request-path.ts";
import type { RequestBody, RequestTemplate } from "./scenario.ts";
import { checkTemplate, nameOf, required, templateText, textLike } from "./scenario-file-values.ts";
import { fillTemplate, memberNamePattern, parseTemplate, type VariableValues } from "./variables.ts";

const methods = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"] as const;
const bodyKeys = ["json", "text", "upload"] as const;
const headerCountMax = 50;

/** Stand in for the real values while a file is checked. */
const sampleValues: VariableValues = {
  n: 0,
  source: "127.0.0.1",
  run: "run",
  random: (digitCount) => "0".repeat(digitCount),
  token: () => "token",
  email: () => "drill-user-run@tatou.invalid",
  password: () => "password",
  kept: () => "0",
};

/** A user, or something that is kept. */
export const memberName = textLike(memberNamePattern, "a name of small letters, digits and dashes, 20 at most");

export const requestTemplate: Decode<RequestTemplate> = (at) =>
  readFields(at, (fields) => ({
    method: required(fields, "method", oneOf(methods)) ?? "GET",
    path: required(fields, "path", path) ?? "/",
    headers: fields.get("headers", headers) ?? {},
    body: readBody(fields),
    as: fields.get("as", memberName) ?? null,
  }));

const path: Decode<string> = (at) => {
  const written = templateText()(at);
  if (written === undefined) return undefined;
  const problem = pathProblem(fillTemplate(parseTemplate(written), sampleValues));
  return problem === null
    ? written
    : fault(at, `found ${JSON.stringify(written)}, and ${problem}`, "Write it as it goes out, encoded: /..%2fetc");
};

const headers: Decode<Readonly<Record<string, string>>> = (at) => {
  const written = mapOf(templateText())(at);
  if (written === undefined) return undefined;
  const names = Object.keys(written);
  if (names.length > headerCountMax)
    return fault(at, `found ${names.length} headers, expected ${headerCountMax} at most`);
  for (const name of names) {
    const problem = headerProblem(name, fillTemplate(parseTemplate(written[name]!), sampleValues));
    if (problem !== null) fault(headerAt(at, name), `found ${JSON.stringify(name)}, and ${problem}`);
  }
  return written;
};

function headerAt(at: Located, name: string): Located {
  const entry = at.node.kind === "map" ? at.node.entries.get(name) : undefined;
  return { ...at, path: `${at.path}.${name}`, node: entry?.value ?? at.node };
}

function readBody(fields: Fields): RequestBody | null {
  const present = bodyKeys.filter((key) => fields.has(key));
  if (present.length > 1) fields.fault(`found ${present.join(" and ")}, expected one body`, present[1]);
  const json = fields.value("json");
  if (json !== undefined) return { kind: "json", value: jsonValue(json) };
  const value = fields.get("text", templateText());
  if (value !== undefined) return { kind: "text", value };
  return fields.get("upload", upload) ?? null;
}

const upload: Decode<RequestBody> = (at) =>
  readFields(at, (fields) => ({
    kind: "upload",
    payload: required(fields, "payload", nameOf(payloads.keys(), "a payload")) ?? "",
    fileName: required(fields, "name", templateText()) ?? "",
  }));

/** What JSON has of YAML: `true`, `false`, `null` and numbers without quotes, texts with variables, lists and maps. */
function jsonValue(at: Located): unknown {
  const { node } = at;
  switch (node.kind) {
    case "null":
      return null;
    case "scalar":
      return node.plain
        ? (jsonWords.get(node.text) ?? jsonNumber(node.text) ?? jsonText(at, node))
        : jsonText(at, node);
    case "list":
      return node.items.map((item, index) => jsonValue({ ...at, path: `${at.path}[${index}]`, node: item }));
    case "map":
      return Object.fromEntries(
        [...node.entries].map(([key, { value }]) => [
          key,
          jsonValue({ ...at, path: `${at.path}.${key}`, node: value }),
        ]),
      );
  }
}

const jsonWords = new Map([
  ["true", true],
  ["false", false],
]);

function jsonNumber(written: string): number | undefined {
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(written) ? Number(written) : undefined;
}

function jsonText(at: Located, node: YamlNode): string {
  checkTemplate(at, node.kind === "scalar" ? node.text : "");
  return node.kind === "scalar" ? node.text : "";
}
