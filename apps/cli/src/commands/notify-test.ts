import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import {
  type NotificationTestReport,
  type NotificationTestSubject,
  type RuleAlert,
  readAlertLabels,
  testConfiguration,
} from "@tatou/alerts";
import { MemoryEventLog } from "@tatou/event-log";
import { type AddressBook, createSystemClock, SocketTransport } from "@tatou/http";
import { askAlerts } from "../notify-test/ask-alerts.ts";
import { NotifyTestUsageError } from "../notify-test/errors.ts";
import { notifyTestExitCodes } from "../notify-test/exit-codes.ts";
import { hasPassed, type NotifyTestOutcome, outcomesText } from "../notify-test/report-text.ts";
import { problemText } from "../problem-text.ts";
import { expandPattern } from "../test-rules/expand-pattern.ts";
import { monitoringOption, resolveOption } from "./shared-options.ts";

const groupHelp = `
Exit codes:
  0  every test message was delivered
  1  a message was not delivered, or nobody was told at all
  2  the test could not run: a wrong file, an unknown name, no program there`;

const testHelp = `
Takes the routes of alertmanager.yml, renders the templates, and sends what
comes of it to the receivers, marked [TEST]. Without --receiver and --alert,
every receiver gets one message. Silences, inhibitions and mute times do not
hold a test back; they are said.

A name of the compose file, such as inbox, is known there alone: --alerts
lets the running program send, and --resolve says where it leads from here.

  ./tatou notify test --alerts http://localhost:9093
  ./tatou notify test --receiver oncall
  ./tatou notify test --alert HighAuthFailureRate --label client_ip=192.0.2.1
${groupHelp}`;

/** `tatou notify`: so far to test. */
export function notifyCommand() {
  return new Command("notify").addHelpText("after", groupHelp).addCommand(testCommand());
}

function testCommand() {
  return new Command("test")
    .description("send marked test messages along the real routes to the real receivers")
    .addOption(new Option("--receiver <name>", "test this receiver alone").conflicts("alert"))
    .option("--alert <name>", "test whom this alert of the rule files would reach")
    .addOption(
      new Option("--label <name=value>", "a label of the alert; can be given several times")
        .argParser(addLabel)
        .default(noLabels),
    )
    .addOption(monitoringOption("--config.file <path>", "whom to tell what", "alertmanager.yml"))
    .addOption(monitoringOption("--prometheus.config <path>", "names the rule files", "prometheus.yml"))
    .option("--alerts <url>", "let this running alerts program send, by its own file")
    .option("--web.external-url <url>", "stands in links of the messages", "http://localhost:9093")
    .addOption(resolveOption())
    .option("--json", "print one JSON object instead of the report")
    .addHelpText("after", testHelp)
    .action(async (options) => {
      try {
        const outcomes = await runTests({
          ...options,
          configFile: options["config.file"],
          prometheusFile: options["prometheus.config"],
          externalUrl: options["web.externalUrl"].replace(/\/+$/, ""),
        });
        process.stdout.write(
          options.json === true ? `${JSON.stringify({ outcomes }, null, 2)}\n` : outcomesText(outcomes),
        );
        process.exitCode = hasPassed(outcomes) ? notifyTestExitCodes.delivered : notifyTestExitCodes.failed;
      } catch (error) {
        process.stderr.write(`${problemText(error)}\n`);
        process.exitCode = notifyTestExitCodes.cannotRun;
      }
    });
}

const noLabels: Readonly<Record<string, string>> = {};

function addLabel(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError("Expected name=value, as in client_ip=192.0.2.1.");
  }
  return { ...before, [name]: value };
}

interface TestOptions {
  readonly receiver?: string | undefined;
  readonly alert?: string | undefined;
  readonly label: Readonly<Record<string, string>>;
  readonly configFile: string;
  readonly prometheusFile: string;
  readonly alerts?: string | undefined;
  readonly externalUrl: string;
  readonly resolve: AddressBook;
}

async function runTests(options: TestOptions): Promise<readonly NotifyTestOutcome[]> {
  const { alert, receiver, label, prometheusFile } = options;
  if (alert === undefined) {
    if (Object.keys(label).length > 0) throw new NotifyTestUsageError("Cannot use --label: it needs --alert");
    const subject: NotificationTestSubject =
      receiver === undefined ? { kind: "receivers" } : { kind: "receiver", name: receiver };
    return [{ alert: null, report: await send(options, subject) }];
  }
  const environment = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? ""]));
  const alerts = await readAlertLabels({ alert, prometheusFile, labels: label, environment, expandPattern });
  const outcomes: NotifyTestOutcome[] = [];
  // One after the other: an alerts program runs one test at a time.
  for (const one of alerts) outcomes.push({ alert: one, report: await sendAlert(options, one) });
  return outcomes;
}

async function sendAlert(
  options: TestOptions,
  { labels, isDropped }: RuleAlert,
): Promise<NotificationTestReport | null> {
  return isDropped ? null : await send(options, { kind: "alert", labels });
}

async function send(options: TestOptions, subject: NotificationTestSubject): Promise<NotificationTestReport> {
  const { alerts, resolve } = options;
  const clock = createSystemClock();
  const transport = new SocketTransport({ clock, resolve });
  try {
    if (alerts !== undefined) return await askAlerts(transport, alerts, subject);
    return await testConfiguration({ ...options, subject, clock, transport, eventLog: new MemoryEventLog({ clock }) });
  } finally {
    await transport.close();
  }
}
