import { createHash } from "node:crypto";
import { isIP } from "node:net";
import type { EmailConfig } from "@tatou/config";
import addressparser from "nodemailer/lib/addressparser";
import { NotificationTemplateError } from "../errors.ts";
import type { Notification } from "../notify/group-alert.ts";
import { leftOutText, renderFitting } from "../template/render-fitting.ts";
import { type Render, renderEach } from "../template/renderer.ts";
import { type Delivery, failed, type Integration } from "./integration.ts";
import { dataOf, eventLogHead, judgeError, type ReceiverTools, readSecret } from "./receiver-tools.ts";
import type { MailLogin, MailServer, OutgoingMail } from "./send-mail.ts";

/** Sends the notification as a mail with a text part, an HTML part, or both. */
export function emailIntegration(config: EmailConfig, index: number, tools: ReceiverTools): Integration {
  return {
    kind: config.kind,
    index,
    sendResolved: config.sendResolved,
    async send(notification, signal): Promise<Delivery> {
      try {
        const { message, leftOutCount } = await renderFitting(notification, (shown) =>
          renderMail(config, tools, shown),
        );
        const mail = leftOutCount === 0 ? message : withLeftOut(message, leftOutText(leftOutCount));
        const server = await mailServer(config, tools);
        const status = await tools.sendMail(mail, server, signal);
        return { kind: "delivered", status };
      } catch (error) {
        return judgeMailError(error);
      }
    },
  };
}

/** Rejects with NotificationTemplateError when a template fails or gives no usable address. */
export async function renderMail(
  config: EmailConfig,
  tools: ReceiverTools,
  notification: Notification,
): Promise<OutgoingMail> {
  const data = dataOf(tools, notification);
  const render: Render = (template) => tools.renderer.text(template, data);
  const templates = { Subject: defaultSubject, To: config.to, From: config.from, ...config.headers };
  const headers = await renderEach(render, templates);
  return {
    envelopeFrom: singleAddress(await render(config.from)),
    envelopeTo: addresses(await render(config.to), "to"),
    headers: { ...headers, ...threadHeaders(config, notification), "X-Tatou-Event": eventLogHead(tools) },
    text: await render(config.text),
    html: await tools.renderer.html(config.html, data),
  };
}

function withLeftOut(mail: OutgoingMail, said: string): OutgoingMail {
  const { text, html } = mail;
  const end = html.lastIndexOf("</body>");
  const place = end === -1 ? html.length : end;
  return {
    ...mail,
    text: text === "" ? "" : `${text}\n${said}\n`,
    html: html === "" ? "" : `${html.slice(0, place)}<p>${said}</p>${html.slice(place)}`,
  };
}

/** What a mail is called unless the configuration has a header of its own. */
export const defaultSubject = '{{ template "email.default.subject" . }}';

function singleAddress(text: string): string {
  const found = addresses(text, "from");
  if (found.length !== 1) throw addressError("from", text, "exactly one address");
  return found[0]!;
}

function addresses(text: string, field: string): readonly string[] {
  const found = addressparser(text, { flatten: true }).map((one) => one.address);
  if (found.length === 0 || found.some((address) => !/^[^@\s]+@[^@\s]+$/.test(address))) {
    throw addressError(field, text, "mail addresses");
  }
  return found;
}

function addressError(field: string, found: string, expected: string): NotificationTemplateError {
  const message = `Cannot send mail: found ${JSON.stringify(found)} as "${field}", expected ${expected}`;
  return new NotificationTemplateError(message, `Correct "${field}" in email_configs`);
}

/** Makes mail programs show the mails of one group (of one day) as a conversation. */
function threadHeaders({ threading }: EmailConfig, notification: Notification): Record<string, string> {
  if (!threading.enabled) return {};
  const day = threading.byDate === "none" ? "" : `-${new Date(notification.timeMs).toISOString().slice(0, 10)}`;
  const group = createHash("sha256").update(notification.groupKey).digest("hex").slice(0, 16);
  const root = `<alert-${group}${day}@alertmanager>`;
  return { "In-Reply-To": root, References: root };
}

const implicitTlsPort = "465";

async function mailServer(config: EmailConfig, tools: ReceiverTools): Promise<MailServer> {
  const { host, port } = config.smarthost;
  const { tls } = config;
  const implicitTls = config.forceImplicitTls ?? port === implicitTlsPort;
  const login = await mailLogin(config, tools);
  const isProtected = implicitTls || config.requireTls || isThisMachine(host);
  if (login !== null && !login.isCramMd5 && !isProtected) {
    throw new NotificationTemplateError(
      `Cannot log in at ${host}: the connection is not encrypted, expected TLS for a password`,
      "Set require_tls: true, or use auth_secret with CRAM-MD5",
    );
  }
  return {
    host,
    port: Number(port),
    hello: config.hello,
    implicitTls,
    requireTls: config.requireTls && !implicitTls,
    tls: {
      ca: await readSecret(tools.clock, tls.ca),
      cert: await readSecret(tools.clock, tls.cert),
      key: await readSecret(tools.clock, tls.key),
      serverName: tls.serverName,
      insecureSkipVerify: tls.insecureSkipVerify,
    },
    login,
  };
}

async function mailLogin(config: EmailConfig, tools: ReceiverTools): Promise<MailLogin | null> {
  if (config.authUsername === "") return null;
  const user = config.authUsername;
  const password = await readSecret(tools.clock, config.authPassword);
  if (password !== "") return { user, secret: password, isCramMd5: false };
  return { user, secret: await readSecret(tools.clock, config.authSecret), isCramMd5: true };
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function judgeMailError(error: unknown): Delivery {
  const failure = judgeError(error);
  const status = (error as { readonly responseCode?: unknown }).responseCode;
  if (typeof status !== "number") return failure;
  return failed(failure.message, { ...failure, status, reason: status >= 500 ? "clientError" : "serverError" });
}
