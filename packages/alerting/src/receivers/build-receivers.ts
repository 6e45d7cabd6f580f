import type { ReceiverConfig } from "@tatou/config";
import { emailIntegration } from "./email.ts";
import { failed, type Integration } from "./integration.ts";
import type { ReceiverTools } from "./receiver-tools.ts";
import { slackIntegration } from "./slack.ts";
import { webhookIntegration } from "./webhook.ts";

/** The ways to tell each receiver, by its name. */
export function buildReceivers(
  configs: readonly ReceiverConfig[],
  tools: ReceiverTools,
): ReadonlyMap<string, readonly Integration[]> {
  return new Map(configs.map((config) => [config.name, buildReceiver(config, tools)]));
}

function buildReceiver(config: ReceiverConfig, tools: ReceiverTools): readonly Integration[] {
  return [
    ...config.webhooks.map((webhook, index) => webhookIntegration(webhook, index, tools)),
    ...config.emails.map((email, index) => emailIntegration(email, index, tools)),
    ...config.slacks.map((slack, index) => slackIntegration(slack, index, tools)),
    ...config.unsupported.map(({ kind }, index) => unsupportedIntegration(kind, index)),
  ];
}

/** Fails in the open: a receiver that silently tells nobody would be worse than none. */
function unsupportedIntegration(key: string, index: number): Integration {
  const kind = key.replace(/_configs$/, "");
  return {
    kind,
    index,
    sendResolved: false,
    send: async () => failed(`${key} is not supported here; use webhook_configs, email_configs or slack_configs`),
  };
}
