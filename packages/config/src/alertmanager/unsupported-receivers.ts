/**
 * Receivers that Alertmanager has and nothing here delivers to. Files with them load, and what Alertmanager requires of
 * each kind stands in a table, so that the same files are refused. Keys beyond those are not checked.
 */
import { readHttpConfig } from "../http/read-http-client.ts";
import type { Fields } from "../yaml/fields.ts";
import { boolean } from "../yaml/scalars.ts";
import type { AlertmanagerGlobalDraft } from "./read-alertmanager-global.ts";

interface OneOf {
  readonly keys: readonly string[];
  /** Keys of `global` that stand in when none of `keys` is given. */
  readonly globalKeys?: readonly string[];
  /** Alertmanager's wording when none is given. */
  readonly missing: string;
}

interface Requirements {
  readonly oneOf?: readonly OneOf[];
  /** Keys that may not both be given with their _file form. */
  readonly secrets?: readonly string[];
  /** Keys of the past that are refused now. */
  readonly removed?: readonly string[];
}

function withFile(key: string): readonly string[] {
  return [key, `${key}_file`];
}

const requirements: Readonly<Record<string, Requirements>> = {
  discord_configs: {
    oneOf: [{ keys: withFile("webhook_url"), missing: "one of webhook_url or webhook_url_file must be configured" }],
    secrets: ["webhook_url"],
  },
  incidentio_configs: {
    oneOf: [{ keys: withFile("url"), missing: "one of url or url_file must be configured" }],
    secrets: ["url", "alert_source_token"],
  },
  jira_configs: {
    oneOf: [
      { keys: ["project"], missing: "missing project in jira_config" },
      { keys: ["issue_type"], missing: "missing issue_type in jira_config" },
      { keys: ["api_url"], globalKeys: ["jira_api_url"], missing: "no global Jira Cloud URL set" },
    ],
  },
  mattermost_configs: {
    oneOf: [
      {
        keys: withFile("webhook_url"),
        globalKeys: withFile("mattermost_webhook_url"),
        missing: "missing webhook_url or webhook_url_file on mattermost_config",
      },
    ],
    secrets: ["webhook_url"],
  },
  msteams_configs: {
    oneOf: [{ keys: withFile("webhook_url"), missing: "one of webhook_url or webhook_url_file must be configured" }],
    secrets: ["webhook_url"],
  },
  msteamsv2_configs: {
    oneOf: [{ keys: withFile("webhook_url"), missing: "one of webhook_url or webhook_url_file must be configured" }],
    secrets: ["webhook_url"],
  },
  opsgenie_configs: {
    oneOf: [
      {
        keys: withFile("api_key"),
        globalKeys: withFile("opsgenie_api_key"),
        missing: "no global OpsGenie API Key set either inline or in a file",
      },
    ],
    secrets: ["api_key"],
    removed: ["teams"],
  },
  pagerduty_configs: {
    oneOf: [
      {
        keys: [...withFile("routing_key"), ...withFile("service_key")],
        missing: "missing service or routing key in PagerDuty config",
      },
    ],
    secrets: ["routing_key", "service_key"],
  },
  pushover_configs: {
    oneOf: [
      { keys: withFile("user_key"), missing: "one of user_key or user_key_file must be configured" },
      { keys: withFile("token"), missing: "one of token or token_file must be configured" },
    ],
    secrets: ["user_key", "token"],
  },
  rocketchat_configs: {
    oneOf: [
      {
        keys: withFile("token_id"),
        globalKeys: withFile("rocketchat_token_id"),
        missing: "no global Rocketchat TokenID set either inline or in a file",
      },
      {
        keys: withFile("token"),
        globalKeys: withFile("rocketchat_token"),
        missing: "no global Rocketchat Token set either inline or in a file",
      },
    ],
    secrets: ["token", "token_id"],
  },
  sns_configs: {
    oneOf: [
      {
        keys: ["target_arn", "topic_arn", "phone_number"],
        missing: "must provide either a Target ARN, Topic ARN, or Phone Number for SNS config",
      },
    ],
  },
  telegram_configs: {
    oneOf: [
      {
        keys: withFile("bot_token"),
        globalKeys: withFile("telegram_bot_token"),
        missing: "missing bot_token or bot_token_file on telegram_config",
      },
      { keys: withFile("chat_id"), missing: "missing chat_id on telegram_config" },
    ],
    secrets: ["bot_token"],
  },
  victorops_configs: {
    oneOf: [
      { keys: ["routing_key"], missing: "missing Routing key in VictorOps config" },
      {
        keys: withFile("api_key"),
        globalKeys: withFile("victorops_api_key"),
        missing: "no global VictorOps API Key set",
      },
    ],
    secrets: ["api_key"],
  },
  webex_configs: { oneOf: [{ keys: ["room_id"], missing: "missing room_id on webex_config" }] },
  wechat_configs: {
    oneOf: [
      {
        keys: withFile("api_secret"),
        globalKeys: withFile("wechat_api_secret"),
        missing: "no global Wechat Api Secret set either inline or in a file",
      },
      { keys: ["corp_id"], globalKeys: ["wechat_api_corp_id"], missing: "no global Wechat CorpID set" },
    ],
    secrets: ["api_secret"],
  },
};

/** The keys of a receiver that are accepted as data. */
export const unsupportedReceiverKinds: readonly string[] = Object.keys(requirements);

export function checkUnsupportedReceiver(kind: string, fields: Fields, { given }: AlertmanagerGlobalDraft): void {
  const { oneOf = [], secrets = [], removed = [] } = requirements[kind]!;
  fields.acceptUnknown();
  fields.get("send_resolved", boolean);
  fields.get("http_config", readHttpConfig);
  const isGiven = (key: string) => {
    const node = fields.value(key)?.node;
    return node !== undefined && node.kind !== "null" && !(node.kind === "scalar" && node.text === "");
  };
  for (const { keys, globalKeys = [], missing } of oneOf)
    if (!keys.some(isGiven) && !globalKeys.some((key) => given.has(key))) fields.fault(missing);
  for (const key of secrets)
    if (withFile(key).every(isGiven)) fields.fault(`at most one of ${key} & ${key}_file must be configured`, key);
  for (const key of removed) if (fields.has(key)) fields.fault(`field ${key} not found`, key);
}
