import type { SlackAction, SlackConfig, SlackField } from "@tatou/config";
import { bodyText, type HttpResponse } from "@tatou/model";
import type { Notification } from "../notify/group-alert.ts";
import { renderFitting } from "../template/render-fitting.ts";
import { type Render, renderEach } from "../template/renderer.ts";
import { type Delivery, failed, type Integration } from "./integration.ts";
import { dataOf, judgeError, postJson, type ReceiverTools, readSecret } from "./receiver-tools.ts";

/** Posts the notification as a Slack message with one attachment. */
export function slackIntegration(config: SlackConfig, index: number, tools: ReceiverTools): Integration {
  const transport = tools.transportFor(config.httpClient);
  const posted = new PostedMessages();
  return {
    kind: config.kind,
    index,
    sendResolved: config.sendResolved,
    async send(notification, signal): Promise<Delivery> {
      try {
        const { message } = await renderFitting(notification, (shown) => slackMessage(config, tools, shown));
        const earlier = config.updateMessage ? posted.find(notification) : undefined;
        const url = earlier === undefined ? await readSecret(tools.clock, config.apiUrl) : updateUrl;
        const request = { url, body: { ...message, ...earlier }, timeoutMs: config.timeoutMs };
        const answer = await postJson(transport, request, signal);
        if (!("response" in answer)) return answer;
        const delivery = answer.delivery.kind === "delivered" ? judgeAnswer(answer.response) : answer.delivery;
        if (delivery.kind === "failed")
          return { ...delivery, message: `channel "${message.channel ?? ""}": ${delivery.message}` };
        posted.remember(notification, answer.response);
        return delivery;
      } catch (error) {
        return judgeError(error);
      }
    },
  };
}

const updateUrl = "https://slack.com/api/chat.update";

/** Incoming webhooks answer with the text "ok", the Web API with JSON; both may refuse with status 200. */
function judgeAnswer(response: HttpResponse): Delivery {
  const text = bodyText(response);
  const refused = (reason: string): Delivery => failed(reason, { reason: "clientError", status: response.status });
  if (!isJson(response)) {
    const isOk = text.trim() === "ok";
    return isOk
      ? { kind: "delivered", status: response.status }
      : refused(`received an error response from Slack: ${text.slice(0, 256)}`);
  }
  const answer = parseAnswer(text);
  if (answer === null)
    return failed("could not unmarshal JSON response", { isRetryable: true, status: response.status });
  return answer.ok === true
    ? { kind: "delivered", status: response.status }
    : refused(`error response from Slack: ${typeof answer.error === "string" ? answer.error : text.slice(0, 256)}`);
}

function isJson(response: HttpResponse): boolean {
  return response.headers["content-type"]?.startsWith("application/json") === true;
}

interface SlackAnswer {
  readonly ok?: unknown;
  readonly error?: unknown;
  readonly ts?: unknown;
  readonly channel?: unknown;
}

function parseAnswer(text: string): SlackAnswer | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null;
  }
}

/** Where the first message of each group stands in Slack, so that it can be changed. */
class PostedMessages {
  readonly #messages = new Map<string, { readonly ts: string; readonly channel: string }>();

  find({ groupKey, reason }: Notification): { readonly ts: string; readonly channel: string } | undefined {
    if (reason === "first notification") this.#messages.delete(groupKey);
    return this.#messages.get(groupKey);
  }

  remember({ groupKey }: Notification, response: HttpResponse): void {
    const answer = isJson(response) ? parseAnswer(bodyText(response)) : null;
    if (typeof answer?.ts !== "string" || typeof answer.channel !== "string") return;
    this.#messages.delete(groupKey);
    this.#messages.set(groupKey, { ts: answer.ts, channel: answer.channel });
    for (const oldest of this.#messages.keys()) {
      if (this.#messages.size <= postedMessagesMax) break;
      this.#messages.delete(oldest);
    }
  }
}

/** Of older groups a new message is posted instead. */
const postedMessagesMax = 1000;

/** Slack refuses longer titles. */
const titleLengthMax = 1024;

export interface SlackMessage extends Readonly<Record<string, unknown>> {
  /** Absent for incoming webhooks, which have one of their own. */
  readonly channel?: string;
}

/** The body of the request; empty texts are left out where Slack's own defaults shall count. */
export async function slackMessage(
  config: SlackConfig,
  tools: ReceiverTools,
  notification: Notification,
): Promise<SlackMessage> {
  const data = dataOf(tools, notification);
  const render: Render = (template) => tools.renderer.text(template, data);
  const { channel, ...texts } = await renderEach(render, {
    channel: config.channel,
    username: config.username,
    icon_emoji: config.iconEmoji,
    icon_url: config.iconUrl,
    text: config.messageText,
  });
  return {
    ...(channel !== "" && { channel }),
    ...whenNotEmpty(texts),
    ...(config.linkNames && { link_names: true }),
    attachments: [await slackAttachment(config, render)],
  };
}

async function slackAttachment(config: SlackConfig, render: Render): Promise<Record<string, unknown>> {
  const always = await renderEach(render, {
    text: config.text,
    fallback: config.fallback,
    callback_id: config.callbackId,
    footer: config.footer,
  });
  const { title, ...optional } = await renderEach(render, {
    title: config.title,
    title_link: config.titleLink,
    pretext: config.pretext,
    image_url: config.imageUrl,
    thumb_url: config.thumbUrl,
    color: config.color,
  });
  const fields = await Promise.all(config.fields.map((field) => slackField(field, config, render)));
  const actions = await Promise.all(config.actions.map((action) => slackAction(action, render)));
  return {
    ...whenNotEmpty({ title: cut(title, titleLengthMax), ...optional }),
    ...always,
    ...(fields.length > 0 && { fields }),
    ...(actions.length > 0 && { actions }),
    mrkdwn_in: config.markdownIn.length > 0 ? config.markdownIn : ["fallback", "pretext", "text"],
  };
}

async function slackField(field: SlackField, config: SlackConfig, render: Render): Promise<Record<string, unknown>> {
  const texts = await renderEach(render, { title: field.title, value: field.value });
  return { ...texts, short: field.short ?? config.shortFields };
}

async function slackAction(action: SlackAction, render: Render): Promise<Record<string, unknown>> {
  const { confirm, type, text, url, style, name, value } = action;
  const always = await renderEach(render, { type, text });
  const optional = whenNotEmpty(await renderEach(render, { url, style, name, value }));
  if (confirm === null) return { ...always, ...optional };
  const question = await renderEach(render, {
    text: confirm.text,
    title: confirm.title,
    ok_text: confirm.okText,
    dismiss_text: confirm.dismissText,
  });
  return { ...always, ...optional, confirm: { text: question.text, ...whenNotEmpty(question) } };
}

function whenNotEmpty(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ""));
}

function cut(text: string, lengthMax: number): string {
  const characters = Array.from(text);
  return characters.length <= lengthMax ? text : `${characters.slice(0, lengthMax - 1).join("")}…`;
}
