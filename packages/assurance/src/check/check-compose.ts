/** What a compose file opens to everybody: services without a login, passwords that stand in every manual. */
import { lineAndColumn } from "@tatou/model";
import { isMap, isPair, isScalar, isSeq, parseDocument, visit, type YAMLMap } from "yaml";
import type { Finding, FindingCode, FindingSeverity } from "./finding.ts";

/** Programs that answer whoever asks, by what their image is called. */
const openPrograms =
  /(?:^|\/)(prometheus|alertmanager|pushgateway|node-exporter|cadvisor|redis|memcached|mongo)(?::|@|$)/;
const knownPasswords = new Set([
  "admin",
  "password",
  "changeme",
  "secret",
  "root",
  "toor",
  "postgres",
  "mysql",
  "123456",
]);
const secretName = /(?:PASSWORD|PASSWD|SECRET|SECRET_KEY|TOKEN|API_KEY|PASSPHRASE)$/;

interface Service {
  readonly name: string;
  readonly node: YAMLMap;
  readonly add: (node: unknown, finding: Described) => void;
}

interface Described {
  readonly code: FindingCode;
  readonly severity: FindingSeverity;
  readonly message: string;
  readonly hint: string;
}

export function checkCompose(text: string, file: string): readonly Finding[] {
  const document = parseDocument(text);
  const services = document.errors.length === 0 ? document.get("services") : null;
  if (!isMap(services)) return [];
  const findings: Finding[] = [];
  for (const { key, value } of services.items) {
    if (!isScalar(key) || !isMap(value)) continue;
    const add = (node: unknown, described: Described): void => {
      const offset = isScalar(node) ? (node.range?.[0] ?? 0) : (key.range?.[0] ?? 0);
      findings.push({ ...described, position: { file, ...lineAndColumn(text, offset) } });
    };
    const service: Service = { name: String(key.value), node: value, add };
    checkPorts(service);
    checkEnvironment(service);
    checkCommand(service);
  }
  return findings;
}

function checkPorts({ name, node, add }: Service): void {
  const image = node.get("image");
  const program = typeof image === "string" ? openPrograms.exec(image)?.[1] : undefined;
  if (program === undefined) return;
  for (const port of itemsOf(node.get("ports"))) {
    const published = isScalar(port) ? String(port.value) : "";
    if (!isOpen(published)) continue;
    add(port, {
      code: "open_bind",
      severity: "warning",
      message: `${name} (${program}, which asks nobody for a password) is published on all addresses: ${published}`,
      hint: `Publish it on this machine alone: "127.0.0.1:${published.replace(/^0\.0\.0\.0:/, "")}"`,
    });
  }
}

function isOpen(published: string): boolean {
  return /^(?:0\.0\.0\.0:)?\d+:\d+(?:\/tcp)?$/.test(published);
}

function isPublished({ node }: Service): boolean {
  return itemsOf(node.get("ports")).some(
    (port) => isScalar(port) && !/^(?:127\.|localhost|\[::1\])/.test(String(port.value)),
  );
}

function checkEnvironment(service: Service): void {
  for (const { name, value, node } of environmentOf(service.node)) {
    if (!secretName.test(name) || value === "" || name.endsWith("_FILE")) continue;
    const fallback = /^\$\{\w+:?-([^}]*)\}$/.exec(value)?.[1];
    const literal = fallback ?? (value.includes("$") ? "" : value);
    if (literal === "") continue;
    if (knownPasswords.has(literal.toLowerCase()))
      service.add(node, {
        code: "default_password",
        // Only those who are on the machine already can try it.
        severity: fallback !== undefined && !isPublished(service) ? "info" : "warning",
        message: `${service.name} has ${name}=${literal}${fallback === undefined ? "" : " unless somebody sets it"}`,
        hint: `Choose one and keep it out of this file: ${name}: \${${name}:?set it in .env}`,
      });
    else if (fallback === undefined)
      service.add(node, {
        code: "secret_in_plain_text",
        severity: "warning",
        message: `${service.name} has ${name} in plain text`,
        hint: `Keep it out of this file: ${name}: \${${name}:?set it in .env}, and change it: it may be in the history`,
      });
  }
}

interface Variable {
  readonly name: string;
  readonly value: string;
  readonly node: unknown;
}

/** Both forms: a map, and a list of NAME=value. */
function environmentOf(node: YAMLMap): readonly Variable[] {
  const environment = node.get("environment");
  if (isMap(environment))
    return environment.items.flatMap((pair) =>
      isPair(pair) && isScalar(pair.key) && isScalar(pair.value)
        ? [{ name: String(pair.key.value), value: scalarText(pair.value.value), node: pair.value }]
        : [],
    );
  return itemsOf(environment).flatMap((item) => {
    const match = isScalar(item) ? /^(\w+)=(.*)$/s.exec(String(item.value)) : null;
    return match === null ? [] : [{ name: match[1]!, value: match[2]!, node: item }];
  });
}

function scalarText(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function checkCommand({ name, node, add }: Service): void {
  for (const part of itemsOf(node.get("command")))
    if (isScalar(part) && /^--web\.enable-admin-api(?:=true)?$/.test(String(part.value)))
      add(part, {
        code: "open_admin_api",
        severity: "warning",
        message: `${name} lets everybody who reaches it delete series: --web.enable-admin-api`,
        hint: "Leave the flag out, and switch it on only while it is needed",
      });
}

function itemsOf(value: unknown): readonly unknown[] {
  return isSeq(value) ? value.items : [];
}

const secretKeys =
  /^(?:password|credentials|smtp_auth_password|auth_password|bearer_token|client_secret|service_key|routing_key|bot_token)$/;

/** Passwords in prometheus.yml and alertmanager.yml, each of which has a key that takes a file instead. */
export function checkSecrets(text: string, file: string): readonly Finding[] {
  const findings: Finding[] = [];
  const document = parseDocument(text);
  if (document.errors.length > 0) return [];
  visit(document, {
    Pair(_key, { key, value }) {
      if (!isScalar(key) || !isScalar(value) || !secretKeys.test(String(key.value))) return;
      const secret = scalarText(value.value);
      if (secret === "" || secret.includes("${")) return;
      findings.push({
        code: knownPasswords.has(secret.toLowerCase()) ? "default_password" : "secret_in_plain_text",
        severity: "warning",
        position: { file, ...lineAndColumn(text, value.range?.[0] ?? 0) },
        message: `${String(key.value)} stands in plain text`,
        hint: `Write ${String(key.value)}_file: with the path of a file that only the program can read`,
      });
    },
  });
  return findings;
}
