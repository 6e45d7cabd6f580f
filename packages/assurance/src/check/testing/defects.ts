/** Edits of our own configuration: one defect each, and edits that break nothing. */

export interface SeededDefect {
  readonly name: string;
  readonly file: string;
  readonly text: string;
}

type Texts = Readonly<Record<string, string>>;

const rulesFolder = "monitoring/prometheus_rules/";
const alertmanagerFile = "monitoring/alertmanager.yml";
const prometheusFile = "monitoring/prometheus.yml";
const proofFile = "monitoring/proof/alerts.yml";
const dashboardFile = "monitoring/grafana/dashboards/security_overview.json";

/** At least one defect for every rule, route, panel and test that there is. */
export function seededDefects(texts: Texts): readonly SeededDefect[] {
  const ruleFiles = Object.keys(texts).filter((file) => file.startsWith(rulesFolder) && file.endsWith(".rules.yml"));
  return [
    ...ruleFiles.flatMap((file) => ruleDefects(file, texts[file]!)),
    ...panelDefects(texts[dashboardFile]!),
    ...testDefects(texts),
    ...edits(alertmanagerFile, texts[alertmanagerFile]!, [
      ["a route for a severity that is misspelt", 'severity = "critical"', 'severity = "critcal"'],
      ["a route on a label that is misspelt", '[severity = "high"]', '[severty = "high"]'],
      ["one of two severities misspelt", "medium|low", "medum|low"],
      ["a receiver that tells nobody", /webhook_configs:[\s\S]*?send_resolved: true/, ""],
      ["a receiver that is not there", "- name: inbox", "- name: outbox"],
      ["the dead man's route misspelt", 'alertname = "Watchdog"', 'alertname = "Wachtdog"'],
      ["alerts wait for their group for a minute", "group_wait: 5s", "group_wait: 1m"],
      ["an inhibition by an alert that is misspelt", 'alertname = "TargetDown"', 'alertname = "TargetDwon"'],
      ["an inhibition of an alert that is misspelt", "|InstrumentationStalled|", "|InstrumentationStaled|"],
      ["no route at all", /^route:/m, "root:"],
    ]),
    ...edits(prometheusFile, texts[prometheusFile]!, [
      ["no Alertmanager", /alerting:[\s\S]*?\n\n/, ""],
      ["scraped every minute", "scrape_interval: 10s", "scrape_interval: 1m"],
      ["evaluated every two minutes", "evaluation_interval: 15s", "evaluation_interval: 2m"],
      ["the job misspelt", "job_name: tatou-app", "job_name: tatou_app"],
      ["a file that is no configuration", "global:", "globl:"],
    ]),
  ];
}

/** Per alert: its metric, a label, a value, its range, its `for`, its severity, and its name, as far as it has them. */
function ruleDefects(file: string, text: string): readonly SeededDefect[] {
  const blocks = text.split(/(?=^ {6}- (?:alert|record): )/m);
  return blocks.flatMap((block, index) => {
    const name = /- alert: (\w+)/.exec(block)?.[1];
    if (name === undefined) return [];
    const whole = (edited: string): string => blocks.toSpliced(index, 1, edited).join("");
    const defects: SeededDefect[] = [];
    const add = (what: string, edited: string): void => {
      if (edited !== block) defects.push({ name: `${name}: ${what}`, file, text: whole(edited) });
    };
    const [head, ...rest] = block.split(/(?=^ {8}labels:)/m);
    const inExpr = (edit: (expr: string) => string): string => [edit(head!), ...rest].join("");
    add(
      "metric",
      inExpr((expr) => expr.replace(/[a-z_]{6,}_total|process_start_time_seconds|:count\d+m|\bup\b/, "$&s")),
    );
    add(
      "label",
      inExpr((expr) => expr.replace(/(event_type|http_status|endpoint|\{job)(?=!?=)/, "$1x")),
    );
    add(
      "value",
      inExpr((expr) => expr.replace(/(?<=[^!]=~?")([a-z_]{4,})(?=[|"])/, "$1x")),
    );
    add(
      "range",
      inExpr((expr) => expr.replace(/(?<=(?:rate|increase|changes)\([^[]*)\[\w+\]/, "[15s]")),
    );
    add("for", name === "Watchdog" ? block : rename(block, / {8}for: \w+\n|(?= {8}labels:)/, "        for: 2h\n"));
    add("severity", name === "Watchdog" ? block : rename(block, /severity: (\w+)\w/, "severity: $1"));
    add("value in a label", block.replace(/( {8}labels:\n)/, '$1          value: "{{ $value }}"\n'));
    add("name", block.replace(`- alert: ${name}`, `- alert: ${name}s`));
    add("removed", "");
    return defects;
  });
}

function rename(text: string, pattern: RegExp, by: string): string {
  return text.replace(pattern, by);
}

function panelDefects(text: string): readonly SeededDefect[] {
  return [...text.matchAll(/"expr": "[^\n]*?\b([a-z_]+_total|up\b|client_ip:auth_failures:count5m)/g)].map(
    (match, index): SeededDefect => {
      const end = match.index + match[0].length;
      return {
        name: `panel query ${index + 1}: metric`,
        file: dashboardFile,
        text: `${text.slice(0, end)}s${text.slice(end)}`,
      };
    },
  );
}

/** Each test file without its tests of one alert. */
function testDefects(texts: Texts): readonly SeededDefect[] {
  return Object.keys(texts)
    .filter((file) => file.startsWith(`${rulesFolder}tests/`))
    .flatMap((file) => {
      const text = texts[file]!;
      const names = [...new Set([...text.matchAll(/alertname: (\w+)/g)].map(([, name]) => name!))];
      return names
        .map((name) => ({
          name: `${name}: its tests`,
          file,
          text: text.replaceAll(`alertname: ${name}\n`, "alertname: TargetDown\n"),
        }))
        .filter((defect) => !defect.name.startsWith("TargetDown:"));
    });
}

type Edit = readonly [name: string, from: string | RegExp, to: string];

function edits(file: string, text: string, list: readonly Edit[]): readonly SeededDefect[] {
  return list.map(([name, from, to]) => {
    const edited = text.replace(from, to);
    if (edited === text) throw new Error(`the edit "${name}" finds nothing to change in ${file}`);
    return { name, file, text: edited };
  });
}

/** What somebody may change without breaking anything. */
export function harmlessEdits(texts: Texts): readonly SeededDefect[] {
  const security = `${rulesFolder}security_alerts.rules.yml`;
  return [
    ...edits(security, texts[security]!, [
      ["a lower threshold", "> 150", "> 140"],
      ["a higher threshold", "[30m]) > 60", "[30m]) > 80"],
      ["a longer range", "rate(auth_failures_total[2m])", "rate(auth_failures_total[4m])"],
      ["other words", "Distributed brute force", "Brute force from many places"],
      ["another label of its own", "category: injection", "team: platform"],
      ["comments", "groups:", "# A comment with metric_names_total.\ngroups:"],
      [
        "a sum by job",
        'sum(increase(security_events_total{event_type="token_invalid"}',
        'sum by (job) (increase(security_events_total{event_type="token_invalid"}',
      ],
      ["an unknown value left out", 'client_ip!="other"', 'client_ip!="somebody"'],
      ["a pattern", 'http_status="429"', 'http_status=~"4.9"'],
      ["a shorter for", "for: 5m", "for: 4m"],
    ]),
    ...edits(alertmanagerFile, texts[alertmanagerFile]!, [
      ["a shorter wait", "group_wait: 30s", "group_wait: 20s"],
      ["grouped otherwise", "group_by: [alertname, client_ip]", "group_by: [alertname]"],
      ["repeated more often", "repeat_interval: 4h", "repeat_interval: 1h"],
      ["told only once", "send_resolved: true", "send_resolved: false"],
    ]),
    ...edits(prometheusFile, texts[prometheusFile]!, [
      ["scraped more often", "scrape_interval: 10s", "scrape_interval: 5s"],
      ["another target", '["server:5000"]', '["server:5000", "standby:5000"]'],
      ["an external label", "global:", "global:\n  external_labels: { site: north }"],
    ]),
    ...edits(proofFile, texts[proofFile]!, [["a wider budget", "max_detect: 2m15s", "max_detect: 3m"]]),
    ...edits(dashboardFile, texts[dashboardFile]!, [
      ["another title", "Security overview", "Security"],
      ["another range", "auth_failures_total[$__rate_interval]", "auth_failures_total[5m]"],
    ]),
  ];
}
