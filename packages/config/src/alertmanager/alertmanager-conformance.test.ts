import { expect, test } from "vitest";
import { ConfigError } from "../errors.ts";
import { conformanceFolder } from "../testing/conformance-folder.ts";
import { loadAlertmanagerConfig } from "./load-alertmanager-config.ts";

const files = conformanceFolder("alertmanager-config");

/** What Alertmanager says of those it refuses; it accepts the others. */
const refusals = new Map([
  [
    "conf.mattermost-valid-receiver-both-webhook-url-and-file.yml",
    "at most one of mattermost_webhook_url & mattermost_webhook_url_file must be configured",
  ],
  ["conf.nil-match_re-route.yml", 'invalid regexp value for "invalid_label"'],
  ["conf.nil-source_match_re-inhibition.yml", 'invalid regexp value for "invalid_source_label"'],
  ["conf.nil-target_match_re-inhibition.yml", 'invalid regexp value for "invalid_target_label"'],
  ["conf.opsgenie-default-apikey-old-team.yml", "field teams not found"],
  ["conf.opsgenie-no-apikey.yml", "no global OpsGenie API Key set either inline or in a file"],
  [
    "conf.rocketchat-both-tokenid-and-tokenidfile.yml",
    "at most one of rocketchat_token_id & rocketchat_token_id_file must be configured",
  ],
  ["conf.rocketchat-no-token.yml", "no global Rocketchat Token set either inline or in a file"],
  [
    "conf.slack-both-url-and-token.yml",
    "at most one of slack_app_token/slack_app_token_file & slack_api_url/slack_api_url_file must be configured",
  ],
  ["conf.slack-no-api-url-or-token.yml", "no Slack API URL nor App token set either inline or in a file"],
  [
    "conf.slack-update-message-and-webhook.yml",
    "update_message can only be used with bot tokens. api_url must be set to https://slack.com/api/chat.postMessage",
  ],
  ["conf.sns-invalid.yml", "must provide either a Target ARN, Topic ARN, or Phone Number for SNS config"],
  [
    "conf.telegram-both-bot-token-and-file.yml",
    "at most one of telegram_bot_token & telegram_bot_token_file must be configured",
  ],
  ["conf.telegram-no-bot-token.yml", "missing bot_token or bot_token_file on telegram_config"],
  [
    "conf.telegram-valid-receiver-both-bot-token-and-file.yml",
    "at most one of telegram_bot_token & telegram_bot_token_file must be configured",
  ],
  ["conf.wechat-no-api-secret.yml", "no global Wechat Api Secret set either inline or in a file"],
]);

function refusalOf(text: string, name: string): ConfigError | null {
  try {
    loadAlertmanagerConfig(text, name);
    return null;
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

test.skipIf(files === null)("gives Alertmanager's verdict and words on its configuration files", () => {
  const wrong: string[] = [];
  for (const [name, text] of files!) {
    const error = refusalOf(text, name);
    const reason = refusals.get(name);
    const told = error?.diagnostics.map((each) => `${each.position?.line}: ${each.message}`).join("; ") ?? "accepted";
    if (reason === undefined ? error !== null : !told.includes(reason)) wrong.push(`${name}: ${told}`);
  }
  console.log(
    `conformance: ${files!.size} files of alertmanager-config, ${files!.size - wrong.length} with Alertmanager's verdict`,
  );
  expect(wrong).toEqual([]);
});
