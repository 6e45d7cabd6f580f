import { canonicalHeader, readTls } from "../http/read-http-client.ts";
import { fault, type Located, mapOf, readFields } from "../yaml/fields.ts";
import { boolean, text } from "../yaml/scalars.ts";
import { hostPort, readOneSecret, type SmtpDefaults } from "./read-alertmanager-global.ts";
import type { EmailConfig } from "./receiver-config.ts";

export function readEmail(at: Located, smtp: SmtpDefaults): EmailConfig | undefined {
  return readFields(at, (fields) => {
    const to = fields.get("to", text) ?? "";
    if (to === "") fields.fault("missing to address in email config");
    const from = fields.get("from", text) || smtp.from;
    if (from === "") fields.fault("no global SMTP from set");
    const smarthost = fields.get("smarthost", hostPort) ?? smtp.smarthost;
    if (smarthost === undefined) fields.fault("no global SMTP smarthost set");
    const headers = fields.get("headers", readHeaders) ?? {};
    const threading = fields.get("threading", readThreading) ?? { enabled: false, byDate: "none" };
    if (threading.enabled && ("References" in headers || "In-Reply-To" in headers))
      fields.fault("threading sets the headers References and In-Reply-To itself", "headers");
    return {
      kind: "email",
      sendResolved: fields.get("send_resolved", boolean) ?? false,
      to,
      from,
      hello: fields.get("hello", text) || smtp.hello,
      smarthost: smarthost ?? { host: "", port: "" },
      authUsername: fields.get("auth_username", text) || smtp.authUsername,
      authPassword: readOneSecret(fields, "auth_password") ?? smtp.authPassword,
      authSecret: readOneSecret(fields, "auth_secret") ?? smtp.authSecret,
      authIdentity: fields.get("auth_identity", text) || smtp.authIdentity,
      requireTls: fields.get("require_tls", boolean) ?? smtp.requireTls,
      forceImplicitTls: fields.get("force_implicit_tls", boolean) ?? smtp.forceImplicitTls,
      tls: fields.get("tls_config", readTls) ?? smtp.tls,
      headers,
      html: fields.get("html", text) ?? '{{ template "email.default.html" . }}',
      text: fields.get("text", text) ?? "",
      threading,
    };
  });
}

function readHeaders(at: Located): Readonly<Record<string, string>> | undefined {
  const written = mapOf(text)(at);
  if (written === undefined) return undefined;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(written)) {
    const canonical = canonicalHeader(name);
    if (canonical in headers) fault(at, `duplicate header ${JSON.stringify(canonical)} in email config`);
    headers[canonical] = value;
  }
  return headers;
}

function readThreading(at: Located): EmailConfig["threading"] | undefined {
  return readFields(at, (fields) => {
    const enabled = fields.get("enabled", boolean) ?? false;
    const byDate = fields.get("thread_by_date", text) ?? "";
    if (enabled && byDate !== "none" && byDate !== "daily")
      fields.fault("threading.thread_by_date must be either 'none' or 'daily'", "thread_by_date");
    return { enabled, byDate };
  });
}
