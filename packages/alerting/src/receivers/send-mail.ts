import { isIP } from "node:net";
import { untilAborted } from "@tatou/model";
import { createTransport, type SendMailOptions } from "nodemailer";

/** A rendered mail. */
export interface OutgoingMail {
  /** The sender as the mail server is told it. */
  readonly envelopeFrom: string;
  readonly envelopeTo: readonly string[];
  /** Subject, From, To and whatever else; names as they are to be written. */
  readonly headers: Readonly<Record<string, string>>;
  /** "" for none. */
  readonly text: string;
  /** "" for none. */
  readonly html: string;
}

/** The mail server and how to speak to it. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** What this side calls itself; "" for the machine's name. */
  readonly hello: string;
  /** TLS from the first byte. */
  readonly implicitTls: boolean;
  /** STARTTLS or nothing; without it the connection stays as it is. */
  readonly requireTls: boolean;
  readonly tls: {
    readonly ca: string;
    readonly cert: string;
    readonly key: string;
    readonly serverName: string;
    readonly insecureSkipVerify: boolean;
  };
  /** Used when the server offers authentication. */
  readonly login: MailLogin | null;
}

export interface MailLogin {
  readonly user: string;
  readonly secret: string;
  /** CRAM-MD5 sends no password; the others do. */
  readonly isCramMd5: boolean;
}

/** Hands one mail to a server; gives the status code of its answer. Rejects when the server does not take it. */
export type SendMail = (mail: OutgoingMail, server: MailServer, signal: AbortSignal) => Promise<number>;

/** Over a connection of its own, closed afterwards. */
export const sendMailBySmtp: SendMail = async (mail, server, signal) => {
  const transporter = createTransport({
    host: server.host,
    port: server.port,
    ...(server.hello !== "" && { name: server.hello }),
    secure: server.implicitTls,
    requireTLS: server.requireTls,
    ignoreTLS: !server.requireTls,
    tls: tlsOptions(server),
    ...loginOptions(server.login),
    connectionTimeout: connectionTimeoutMs,
    greetingTimeout: connectionTimeoutMs,
    socketTimeout: answerTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const sending = transporter.sendMail(toNodemailer(mail));
    const { response } = await untilAborted(sending, signal);
    return Number.parseInt(response, 10);
  } finally {
    transporter.close();
  }
};

function toNodemailer(mail: OutgoingMail): SendMailOptions {
  const { Subject: subject = "", From: from, To: to, ...headers } = mail.headers;
  return {
    envelope: { from: mail.envelopeFrom, to: [...mail.envelopeTo] },
    subject,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    headers,
    ...(mail.text !== "" && { text: mail.text }),
    ...(mail.html !== "" && { html: mail.html }),
  };
}

const connectionTimeoutMs = 10_000;
const answerTimeoutMs = 60_000;

function tlsOptions({ tls, host }: MailServer): Record<string, unknown> {
  const serverName = tls.serverName === "" ? host : tls.serverName;
  return {
    // A server is not asked for by address: RFC 6066.
    ...(isIP(serverName) === 0 && { servername: serverName }),
    rejectUnauthorized: !tls.insecureSkipVerify,
    ...(tls.ca !== "" && { ca: tls.ca }),
    ...(tls.cert !== "" && { cert: tls.cert }),
    ...(tls.key !== "" && { key: tls.key }),
  };
}

function loginOptions(login: MailLogin | null): Record<string, unknown> {
  if (login === null) return {};
  const auth = { user: login.user, pass: login.secret };
  return login.isCramMd5 ? { auth, authMethod: "CRAM-MD5" } : { auth };
}
