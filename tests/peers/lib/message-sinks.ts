import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

/** A mail server and a webhook of the test's own, on free ports; both keep what arrives. */
export class MessageSinks {
  /** Whole messages, headers included. */
  readonly mails: string[] = [];
  /** Bodies. */
  readonly posts: string[] = [];
  readonly #smtp: SMTPServer;
  readonly #web: Server;

  private constructor() {
    this.#smtp = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      logger: false,
      onData: (stream, _session, done) => {
        void keep(stream, this.mails, () => done());
      },
    });
    this.#web = createServer((request, response) => {
      void keep(request, this.posts, () => response.end());
    });
  }

  static async open(): Promise<MessageSinks> {
    const sinks = new MessageSinks();
    const doors = [sinks.#smtp.listen(0, "127.0.0.1"), sinks.#web.listen(0, "127.0.0.1")];
    await Promise.all(doors.map((door) => new Promise((resolve) => void door.once("listening", () => resolve(null)))));
    return sinks;
  }

  /** An alertmanager.yml whose receiver `inbox` tells both, and the inbox. */
  configured(alertmanagerYml: string): string {
    const smtpPort = (this.#smtp.server.address() as AddressInfo).port;
    const webPort = (this.#web.address() as AddressInfo).port;
    return alertmanagerYml.replace(
      /^( *)- url: http:\/\/inbox:9094\/\n.*\n/m,
      (webhook: string, indent: string) =>
        `${webhook}${indent}- url: http://127.0.0.1:${webPort}/\n` +
        `${indent.slice(2)}email_configs:\n` +
        `${indent}- to: oncall@example.org\n` +
        `${indent}  from: tatou@example.org\n` +
        `${indent}  smarthost: 127.0.0.1:${smtpPort}\n` +
        `${indent}  require_tls: false\n`,
    );
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#smtp.close(resolve));
    this.#web.closeAllConnections();
    await new Promise((resolve) => this.#web.close(resolve));
  }
}

async function keep(stream: AsyncIterable<unknown>, kept: string[], answer: () => void): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  kept.push(Buffer.concat(chunks).toString());
  answer();
}
