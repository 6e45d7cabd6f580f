import { type AddressInfo, createServer } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterEach, expect, test } from "vitest";
import { FlushEndedError } from "../errors.ts";
import { commonTools, emailConfig, notification } from "../testing/receiver-config.ts";
import { emailIntegration } from "./email.ts";
import type { ReceiverTools } from "./receiver-tools.ts";
import { sendMailBySmtp } from "./send-mail.ts";

interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly user: unknown;
  readonly isEncrypted: boolean;
  readonly text: string;
}

const tools: ReceiverTools = {
  ...commonTools,
  sendMail: sendMailBySmtp,
  transportFor: () => {
    throw new Error("mail needs no HTTP");
  },
};
const never = new AbortController().signal;
const mails: Mail[] = [];
let server: SMTPServer | undefined;

/** A mail server on a free port of loopback. */
async function listen(options: SMTPServerOptions): Promise<{ host: string; port: string }> {
  mails.length = 0;
  server = new SMTPServer({
    authOptional: true,
    logger: false,
    ...options,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          user: session.user,
          isEncrypted: session.secure,
          text: Buffer.concat(chunks).toString(),
        });
        done();
      });
    },
  });
  server.on("error", () => {});
  const listening = server.listen(0, "127.0.0.1");
  await new Promise<void>((resolve) => void listening.once("listening", resolve));
  return { host: "127.0.0.1", port: String((listening.address() as AddressInfo).port) };
}

afterEach(async () => {
  const running = server;
  server = undefined;
  if (running !== undefined)
    await new Promise<void>((resolve) => {
      running.close(resolve);
    });
});

test("a mail has both parts, the headers of the configuration, and everybody in its envelope", async () => {
  const smarthost = await listen({ disabledCommands: ["STARTTLS", "AUTH"] });
  const config = emailConfig({ smarthost, headers: { "X-Team": "{{ .CommonLabels.severity }}" } });
  const delivery = await emailIntegration(config, 0, tools).send(notification(["a", "b"]), never);
  expect(delivery).toEqual({ kind: "delivered", status: 250 });
  expect(mails).toHaveLength(1);
  const mail = mails[0];
  expect(mail).toMatchObject({ from: "tatou@example.org", to: ["oncall@example.org", "second@example.org"] });
  expect(mail?.text).toContain("Subject: [FIRING:2] HighAuthFailureRate: High authentication failure rate");
  expect(mail?.text).toContain("From: Tatou <tatou@example.org>");
  expect(mail?.text).toContain("X-Team: high");
  expect(mail?.text).toMatch(/X-Tatou-Event:\s+0:0+/);
  expect(mail?.text).toContain("Content-Type: multipart/alternative");
  expect(mail?.text).toContain("Content-Type: text/plain");
  expect(mail?.text).toContain("Content-Type: text/html");
  expect(mail?.text).toContain("Guessing at b");
});

test("require_tls encrypts before it logs in", async () => {
  const smarthost = await listen({
    onAuth(auth, _session, done) {
      if (auth.username === "tatou" && auth.password === "s3cret") done(null, { user: "tatou" });
      else done(new Error("wrong"));
    },
  });
  const login = { authUsername: "tatou", authPassword: { value: "s3cret" }, requireTls: true };
  const delivery = await emailIntegration(emailConfig({ smarthost, ...login }), 0, tools).send(
    notification(["a"]),
    never,
  );
  expect(delivery).toEqual({ kind: "delivered", status: 250 });
  expect(mails).toMatchObject([{ user: "tatou", isEncrypted: true }]);
  const wrong = emailConfig({ smarthost, ...login, authPassword: { value: "guess" } });
  expect(await emailIntegration(wrong, 0, tools).send(notification(["a"]), never)).toMatchObject({
    kind: "failed",
    status: 535,
  });
});

test("require_tls sends nothing to a server that cannot encrypt", async () => {
  const smarthost = await listen({ disabledCommands: ["STARTTLS", "AUTH"] });
  const delivery = await emailIntegration(emailConfig({ smarthost, requireTls: true }), 0, tools).send(
    notification(["a"]),
    never,
  );
  expect(delivery).toMatchObject({ kind: "failed", isRetryable: true });
  expect(mails).toEqual([]);
});

test.each([
  {
    what: "no password over a readable connection",
    options: { authUsername: "u", authPassword: { value: "p" } },
    host: "192.0.2.1",
  },
  { what: "one sender only", options: { from: "a@example.org, b@example.org" }, host: "127.0.0.1" },
  { what: "no address that is none", options: { to: "nobody" }, host: "127.0.0.1" },
])("$what", async ({ options, host }) => {
  const config = emailConfig({ ...options, smarthost: { host, port: "25" } });
  expect(await emailIntegration(config, 0, tools).send(notification(["a"]), never)).toMatchObject({
    kind: "failed",
    isRetryable: false,
  });
});

test("thousands of alerts make one mail still, which says how many it leaves out", async () => {
  const smarthost = await listen({ disabledCommands: ["STARTTLS", "AUTH"], size: 50_000_000 });
  const names = Array.from({ length: 3000 }, (_, index) => `${index}${"x".repeat(2000)}`);
  const delivery = await emailIntegration(emailConfig({ smarthost }), 0, tools).send(notification(names), never);
  expect(delivery).toEqual({ kind: "delivered", status: 250 });
  expect(mails[0]?.text.match(/2937 more alerts are not\s*=?\s*listed here/g)).toHaveLength(2);
});

test("labels cannot bring headers, recipients or addresses with them", async () => {
  const smarthost = await listen({ disabledCommands: ["STARTTLS", "AUTH"] });
  const value = "x\r\nBcc: thief@example.org\r\n\r\nHello";
  const config = emailConfig({
    smarthost,
    headers: { "X-Label": "{{ .CommonLabels.instance }}", Subject: "{{ .CommonLabels.instance }}" },
  });
  await emailIntegration(config, 0, tools).send(notification([value]), never);
  expect(mails[0]?.to).toEqual(["oncall@example.org", "second@example.org"]);
  const [head = ""] = mails[0]?.text.split("\r\n\r\n") ?? [];
  expect(head).not.toMatch(/^Bcc:/im);
  expect(head).toMatch(/^X-Label:/m);
});

test("a subject cannot bring headers with it", async () => {
  const smarthost = await listen({ disabledCommands: ["STARTTLS", "AUTH"] });
  const config = emailConfig({ smarthost, headers: { Subject: "one\r\nBcc: thief@example.org" } });
  await emailIntegration(config, 0, tools).send(notification(["a"]), never);
  expect(mails[0]?.text).not.toMatch(/^Bcc:/m);
});

test("a server that says nothing is left when time is over", async () => {
  const silent = createServer();
  await new Promise<void>((resolve) => {
    silent.listen(0, "127.0.0.1", resolve);
  });
  const port = String((silent.address() as AddressInfo).port);
  const stop = new AbortController();
  const config = emailConfig({ smarthost: { host: "127.0.0.1", port } });
  const delivery = emailIntegration(config, 0, tools).send(notification(["a"]), stop.signal);
  stop.abort(new FlushEndedError("contextDeadlineExceeded"));
  expect(await delivery).toMatchObject({ kind: "failed", message: "context deadline exceeded" });
  await new Promise((resolve) => silent.close(resolve));
});
