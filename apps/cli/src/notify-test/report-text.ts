import type { NotificationTestReport, RuleAlert, TestDelivery, TestedRoute } from "@tatou/alerts";
import { formatLabels, labelsOf } from "@tatou/model";
import { colors } from "../colors.ts";

/** One test: of receivers, or of the alerts of one rule. */
export interface NotifyTestOutcome {
  /** null when no rule was asked about. */
  readonly alert: RuleAlert | null;
  /** null when the alert is dropped before any Alertmanager hears of it. */
  readonly report: NotificationTestReport | null;
}

/** Whether all messages arrived, and somebody was told in each test. */
export function hasPassed(outcomes: readonly NotifyTestOutcome[]): boolean {
  return outcomes.every(({ report }) => report?.hasPassed === true);
}

/** What came of the tests, for people. */
export function outcomesText(outcomes: readonly NotifyTestOutcome[]): string {
  const deliveries = outcomes.flatMap(({ report }) => report?.routes ?? []).flatMap((route) => route.deliveries);
  const deliveredCount = deliveries.filter(({ isDelivered }) => isDelivered).length;
  const end =
    deliveries.length === 0
      ? colors.red("Nobody was told")
      : countColor(outcomes)(`${deliveredCount} of ${deliveries.length} test messages delivered`);
  return `${outcomes.flatMap(outcomeLines).join("\n")}\n${end}\n`;
}

function countColor(outcomes: readonly NotifyTestOutcome[]): (text: string) => string {
  return hasPassed(outcomes) ? colors.green : colors.red;
}

function outcomeLines({ alert, report }: NotifyTestOutcome): readonly string[] {
  return [...(alert === null ? [] : alertLines(alert)), ...(report?.routes ?? []).flatMap(routeLines)];
}

function alertLines({ labels, unknownLabels, isDropped }: RuleAlert): readonly string[] {
  const lines = [colors.bold(labelsText(labels))];
  if (unknownLabels.length > 0) {
    lines.push(colors.yellow(`  ! ${unknownLabels.join(", ")} would come from the data: give values with --label`));
  }
  if (isDropped) lines.push(colors.red("  ✗ alert_relabel_configs drop this alert: nobody hears of it"), "");
  else lines.push("");
  return lines;
}

function routeLines(route: TestedRoute): readonly string[] {
  const { deliveries, line } = route;
  const path = route.path.length === 0 ? "none" : route.path.map(plain).join(" > ");
  const isGood = deliveries.every(({ isDelivered }) => isDelivered);
  const mark = deliveries.length === 0 ? colors.yellow("-") : isGood ? colors.green("✓") : colors.red("✗");
  return [
    `${mark} ${colors.bold(plain(route.receiver))}`,
    `    route  ${path}${line === null ? "" : colors.dim(`  (line ${line})`)}`,
    `    alert  ${labelsText(route.labels)}`,
    ...route.notes.map((note) => colors.yellow(`    ! ${plain(note)}`)),
    ...deliveries.flatMap(deliveryLines),
    "",
  ];
}

function deliveryLines(delivery: TestDelivery): readonly string[] {
  const { integration, index, isDelivered, status, durationMs, reason, body, answer } = delivery;
  const name = `${plain(integration)}/${index}`;
  const verdict = isDelivered ? `answered ${status ?? "nothing"}` : plain(reason ?? "failed");
  const head = `${isDelivered ? colors.green("✓") : colors.red("✗")} ${name}  ${verdict}`;
  return [
    `    ${head}${colors.dim(`  in ${durationMs} ms`)}`,
    ...(body === "" ? [] : [`        sent      ${plain(body)}`]),
    ...(answer === "" ? [] : [`        answered  ${plain(answer)}`]),
  ];
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  return plain(formatLabels(labelsOf(labels)));
}

/** What others wrote must not command the terminal. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, "�");
}
