import { readHttpConfig } from "../http/read-http-client.ts";
import { type Fields, type Located, listWithoutEmpty, positionOf, readFields } from "../yaml/fields.ts";
import { boolean, goDurationMs, httpUrl, integer, text } from "../yaml/scalars.ts";
import { type AlertmanagerGlobalDraft, readOneSecret } from "./read-alertmanager-global.ts";
import { readEmail } from "./read-email.ts";
import { readSlack } from "./read-slack.ts";
import type { ReceiverConfig, UnsupportedReceiver, WebhookConfig } from "./receiver-config.ts";
import { checkUnsupportedReceiver, unsupportedReceiverKinds } from "./unsupported-receivers.ts";

export function readReceiver(at: Located, global: AlertmanagerGlobalDraft): ReceiverConfig | undefined {
  return readFields(at, (fields) => {
    const name = fields.get("name", text) ?? "";
    if (name === "") fields.fault("missing name in receiver");
    const list = <T>(kind: string, read: (item: Located) => T | undefined) =>
      fields.get(`${kind}_configs`, listWithoutEmpty(read, `missing ${kind} config`)) ?? [];
    return {
      name,
      position: positionOf(at),
      webhooks: list("webhook", (item) => readWebhook(item, global)),
      emails: list("email", (item) => readEmail(item, global.smtp)),
      slacks: list("slack", (item) => readSlack(item, global)),
      unsupported: unsupportedReceiverKinds.flatMap((kind) => readUnsupported(fields, kind, global)),
    };
  });
}

function readWebhook(at: Located, global: AlertmanagerGlobalDraft): WebhookConfig | undefined {
  return readFields(at, (fields) => {
    const url = readOneSecret(fields, "url");
    if (url === null) fields.fault("one of url or url_file must be configured");
    // A URL with a template in it is one only when it is delivered.
    if (url !== null && "value" in url && !url.value.includes("{{")) fields.get("url", httpUrl);
    return {
      kind: "webhook",
      sendResolved: fields.get("send_resolved", boolean) ?? true,
      url: url ?? { value: "" },
      httpClient: fields.get("http_config", readHttpConfig) ?? global.config.httpClient,
      maxAlerts: fields.get("max_alerts", integer()) ?? 0,
      timeoutMs: fields.get("timeout", goDurationMs) ?? 0,
    };
  });
}

function readUnsupported(
  fields: Fields,
  kind: string,
  global: AlertmanagerGlobalDraft,
): readonly UnsupportedReceiver[] {
  const read = (at: Located) => {
    readFields(at, (inner) => checkUnsupportedReceiver(kind, inner, global));
    return { kind, position: positionOf(at) };
  };
  return fields.get(kind, listWithoutEmpty(read, `missing ${kind.replace("_configs", "")} config`)) ?? [];
}
