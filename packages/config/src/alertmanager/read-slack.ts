import type { HttpClientConfig, SecretSource } from "../http/http-client-config.ts";
import { readHttpConfig } from "../http/read-http-client.ts";
import { type Fields, type Located, listOf, listWithoutEmpty, readFields } from "../yaml/fields.ts";
import { boolean, goDurationMs, httpUrl, text } from "../yaml/scalars.ts";
import {
  type AlertmanagerGlobalDraft,
  readOneSecret,
  readSecretUrl,
  slackPostMessageUrl,
} from "./read-alertmanager-global.ts";
import type { SlackAction, SlackConfig, SlackField } from "./receiver-config.ts";

export function readSlack(at: Located, global: AlertmanagerGlobalDraft): SlackConfig | undefined {
  return readFields(at, (fields) => {
    const written = (key: string) => fields.get(key, text) ?? "";
    const template = (key: string, name: string) => fields.get(key, text) ?? `{{ template "slack.default.${name}" . }}`;
    return {
      kind: "slack",
      sendResolved: fields.get("send_resolved", boolean) ?? false,
      ...readTarget(fields, global),
      channel: written("channel"),
      username: template("username", "username"),
      color: fields.get("color", text) ?? '{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}',
      title: template("title", "title"),
      titleLink: template("title_link", "titlelink"),
      pretext: template("pretext", "pretext"),
      text: template("text", "text"),
      messageText: written("message_text"),
      fields: fields.get("fields", listWithoutEmpty(readField, "missing title in Slack field configuration")) ?? [],
      shortFields: fields.get("short_fields", boolean) ?? false,
      footer: template("footer", "footer"),
      fallback: template("fallback", "fallback"),
      callbackId: template("callback_id", "callbackid"),
      iconEmoji: template("icon_emoji", "iconemoji"),
      iconUrl: template("icon_url", "iconurl"),
      imageUrl: written("image_url"),
      thumbUrl: written("thumb_url"),
      linkNames: fields.get("link_names", boolean) ?? false,
      markdownIn: fields.get("mrkdwn_in", listOf(text)) ?? [],
      actions: fields.get("actions", listWithoutEmpty(readAction, "missing type in Slack action configuration")) ?? [],
      timeoutMs: fields.get("timeout", goDurationMs) ?? 0,
    };
  });
}

type SlackTarget = Pick<SlackConfig, "apiUrl" | "httpClient" | "updateMessage">;

/** Where the message goes and as whom: an incoming webhook, or an app with its token. */
function readTarget(fields: Fields, { slack, config }: AlertmanagerGlobalDraft): SlackTarget {
  const ownUrl = readSecretUrl(fields, "api_url");
  const ownToken = readOneSecret(fields, "app_token");
  const appUrl = fields.get("app_url", httpUrl) || slack.appUrl;
  const httpConfig = fields.get("http_config", readHttpConfig);
  if (ownUrl !== null && ownToken !== null)
    fields.fault("at most one of api_url/api_url_file & app_token/app_token_file must be configured");
  const updateMessage = fields.get("update_message", boolean) ?? false;
  if (updateMessage && !(ownUrl !== null && "value" in ownUrl && ownUrl.value === slackPostMessageUrl))
    fields.fault(
      `update_message can only be used with bot tokens. api_url must be set to ${slackPostMessageUrl}`,
      "update_message",
    );
  const authorization = httpConfig?.credentials?.kind === "authorization";
  const withInlineUrl = ownUrl !== null && "value" in ownUrl;
  const token = ownToken ?? (authorization || withInlineUrl ? null : slack.appToken);
  const apiUrl = ownUrl ?? slack.apiUrl;
  if (apiUrl === null && token === null) fields.fault("no Slack API URL nor App token set either inline or in a file");
  if (token !== null && authorization) fields.fault("http authorization can't be set when using Slack App tokens");
  const client = httpConfig ?? config.httpClient;
  if (token === null) return { apiUrl: apiUrl ?? { value: "" }, httpClient: client, updateMessage };
  return { apiUrl: { value: appUrl }, httpClient: withToken(client, token), updateMessage };
}

function withToken(client: HttpClientConfig, credentials: SecretSource): HttpClientConfig {
  return { ...client, credentials: { kind: "authorization", type: "Bearer", credentials } };
}

function readField(at: Located): SlackField | undefined {
  return readFields(at, (fields) => {
    const title = fields.get("title", text) ?? "";
    const value = fields.get("value", text) ?? "";
    if (title === "") fields.fault("missing title in Slack field configuration");
    if (value === "") fields.fault("missing value in Slack field configuration");
    return { title, value, short: fields.get("short", boolean) ?? null };
  });
}

function readAction(at: Located): SlackAction | undefined {
  return readFields(at, (fields) => {
    const written = (key: string) => fields.get(key, text) ?? "";
    const action: SlackAction = {
      type: written("type"),
      text: written("text"),
      url: written("url"),
      style: written("style"),
      name: written("name"),
      value: written("value"),
      confirm: fields.get("confirm", readConfirm) ?? null,
    };
    if (action.type === "") fields.fault("missing type in Slack action configuration");
    if (action.text === "") fields.fault("missing text in Slack action configuration");
    if (action.url === "" && action.name === "") fields.fault("missing name or url in Slack action configuration");
    // A link is no message action: what belongs to one is left out.
    return action.url === "" ? action : { ...action, name: "", value: "", confirm: null };
  });
}

function readConfirm(at: Located): NonNullable<SlackAction["confirm"]> | undefined {
  return readFields(at, (fields) => {
    const written = (key: string) => fields.get(key, text) ?? "";
    const confirm = {
      text: written("text"),
      title: written("title"),
      okText: written("ok_text"),
      dismissText: written("dismiss_text"),
    };
    if (confirm.text === "") fields.fault("missing text in Slack confirmation configuration");
    return confirm;
  });
}
