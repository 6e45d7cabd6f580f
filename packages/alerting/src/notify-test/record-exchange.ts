import { bodyText, type HttpTransport } from "@tatou/model";
import type { ReceiverTools } from "../receivers/receiver-tools.ts";
import type { OutgoingMail } from "../receivers/send-mail.ts";

/** What one integration sent last and was answered, both on one line. */
export interface Exchange {
  body: string;
  answer: string;
  /** Not to be shown: the path of a webhook's address is a secret. */
  url: string;
}

/** What an error says of an exchange, without the path of the address. */
export function withoutAddress(message: string, { url }: Exchange): string {
  if (!URL.canParse(url)) return message;
  const { origin, pathname, search, username } = new URL(url);
  const isOrigin = pathname === "/" && search === "" && username === "";
  return isOrigin ? message : message.replaceAll(url, `${origin}/<secret>`);
}

/** The same tools, that note down what passes through them. Addresses are left out: those of webhooks are secrets. */
export function recordingTools(tools: ReceiverTools, exchange: Exchange): ReceiverTools {
  return {
    ...tools,
    transportFor: (config) => recordingTransport(tools.transportFor(config), exchange),
    sendMail: async (mail, server, signal) => {
      exchange.body = oneLine(mailText(mail));
      const status = await tools.sendMail(mail, server, signal);
      exchange.answer = String(status);
      return status;
    },
  };
}

function recordingTransport(transport: HttpTransport, exchange: Exchange): HttpTransport {
  return {
    async send(request, signal) {
      exchange.url = request.url;
      exchange.body = oneLine(typeof request.body === "string" ? request.body : "");
      const response = await transport.send(request, signal);
      exchange.answer = oneLine(bodyText(response));
      return response;
    },
  };
}

function mailText({ headers, envelopeTo, text, html }: OutgoingMail): string {
  return `To: ${envelopeTo.join(", ")} Subject: ${headers["Subject"] ?? ""} ${text === "" ? html : text}`;
}

const shownLengthMax = 300;

/** Without what a terminal would take for commands, and short. */
export function oneLine(text: string): string {
  // The rest of a long text is not looked at.
  const plain = text
    .slice(0, 4 * shownLengthMax)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim();
  const characters = Array.from(plain);
  const isWhole = characters.length <= shownLengthMax && text.length <= 4 * shownLengthMax;
  return isWhole ? plain : `${characters.slice(0, shownLengthMax).join("")}…`;
}
