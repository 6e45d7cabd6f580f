import type { EmailConfig, ReceiverConfig, SlackConfig } from "@tatou/config";
import { defaultSubject } from "../receivers/email.ts";

/** Stands at the start of subjects, titles and annotations of a test, whatever the templates make of the rest. */
export const testMark = "[TEST]";

/** One integration of a receiver, ready for a test. */
export interface TestedIntegration {
  readonly index: number;
  /** The receiver with this integration alone. */
  readonly config: ReceiverConfig;
}

/** Each integration of a receiver by itself, its messages marked. */
export function testedIntegrations(receiver: ReceiverConfig): readonly TestedIntegration[] {
  const alone = (part: Partial<ReceiverConfig>, index: number): TestedIntegration => ({
    index,
    config: { ...receiver, webhooks: [], emails: [], slacks: [], unsupported: [], ...part },
  });
  return [
    ...receiver.webhooks.map((webhook, index) => alone({ webhooks: [webhook] }, index)),
    ...receiver.emails.map((email, index) => alone({ emails: [markedEmail(email)] }, index)),
    ...receiver.slacks.map((slack, index) => alone({ slacks: [markedSlack(slack)] }, index)),
    ...receiver.unsupported.map((unsupported, index) => alone({ unsupported: [unsupported] }, index)),
  ];
}

function markedEmail(email: EmailConfig): EmailConfig {
  const { Subject: subject = defaultSubject } = email.headers;
  return { ...email, headers: { ...email.headers, Subject: marked(subject) } };
}

function markedSlack(slack: SlackConfig): SlackConfig {
  const { title, fallback, messageText } = slack;
  return {
    ...slack,
    title: marked(title),
    fallback: marked(fallback),
    ...(messageText !== "" && { messageText: marked(messageText) }),
  };
}

function marked(template: string): string {
  return `${testMark} ${template}`;
}
