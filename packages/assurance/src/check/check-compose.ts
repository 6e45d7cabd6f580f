/** What a compose file opens to everybody: services without a login, passwords that stand in every manual. */
import { lineAndColumn } from "@tatou/model";
import { isMap, isNode, isScalar, parseDocument } from "yaml";
import type { CheckContext } from "./check-context.ts";
import { type ComposeService, type PublishedPort, readService } from "./compose-service.ts";
import type { Finding } from "./finding.ts";
import { fallbackOf, isKnownPassword, passwordInUrl, secretName } from "./known-password.ts";
import { isSenderLabel } from "./sender-labels.ts";

/** Programs that answer whoever asks, by what their image is called. */
const openPrograms =
  /(?:^|\/)(prometheus|alertmanager|pushgateway|[\w-]*[-_]exporter|cadvisor|redis|memcached|mongo|elasticsearch|loki|promtail|jaeger|all-in-one|victoria-metrics|influxdb|etcd|kibana)(?::|@|$)/;

/** Switches that let everybody in, or that leave a password empty. */
const openSwitches: readonly { readonly name: RegExp; readonly value: RegExp; readonly means: string }[] = [
  { name: /^GF_AUTH_ANONYMOUS_ENABLED$/, value: /^true$/i, means: "shows its dashboards to whoever asks" },
  { name: /^(?:MYSQL|MARIADB)_ALLOW_EMPTY_(?:ROOT_)?PASSWORD$/, value: /^(?:yes|true|1)$/i, means: "has no password" },
  { name: /^POSTGRES_HOST_AUTH_METHOD$/, value: /^trust$/i, means: "asks nobody for a password" },
  { name: /^ALLOW_EMPTY_PASSWORD$/, value: /^(?:yes|true|1)$/i, means: "has no password" },
  { name: /^xpack\.security\.enabled$/, value: /^false$/i, means: "asks nobody for a password" },
];

type Add = (node: unknown, described: Omit<Finding, "position">) => void;

export function checkCompose(text: string, file: string, context: CheckContext): readonly Finding[] {
  const document = parseDocument(text);
  const services = document.errors.length === 0 ? document.get("services") : null;
  if (!isMap(services)) return [];
  const findings: Finding[] = [];
  for (const { key, value } of services.items) {
    if (!isScalar(key) || !isMap(value)) continue;
    const add: Add = (node, described) => {
      const offset = isNode(node) ? (node.range?.[0] ?? 0) : (key.range?.[0] ?? 0);
      findings.push({ ...described, position: { file, ...lineAndColumn(text, offset) } });
    };
    const service = readService(String(key.value), value);
    checkPorts(service, add);
    checkSwitches(service, add);
    checkPasswords(service, add);
    checkFlags(service, add);
    checkMetricsDoor(service, context, add);
  }
  return findings;
}

function isReachable({ ports, isOnHostNetwork }: ComposeService): boolean {
  return isOnHostNetwork || ports.some(({ isOpen }) => isOpen);
}

function checkPorts({ name, image, ports, isOnHostNetwork }: ComposeService, add: Add): void {
  const program = openPrograms.exec(image)?.[1];
  if (program === undefined) return;
  for (const port of ports.filter(({ isOpen }) => isOpen))
    addOpenPort(port, `${name} (${program}, which asks nobody for a password)`, add);
  if (isOnHostNetwork)
    add(null, {
      code: "open_bind",
      severity: "warning",
      message: `${name} (${program}, which asks nobody for a password) shares the machine's network`,
      hint: "Give it a network of its own, or have it listen on 127.0.0.1 alone",
    });
}

function addOpenPort({ text, node }: PublishedPort, who: string, add: Add): void {
  const plain = text.replace(/^(?:0\.0\.0\.0|\[::\]|\*):/, "");
  add(node, {
    code: "open_bind",
    severity: "warning",
    message: `${who} is published on all addresses: ${text}`,
    hint: `Publish it on this machine alone: "127.0.0.1:${plain.includes(":") ? plain : `${plain}:${plain}`}"`,
  });
}

function checkSwitches(service: ComposeService, add: Add): void {
  for (const { name, value, node } of service.environment) {
    const found = openSwitches.find((known) => known.name.test(name) && known.value.test(fallbackOf(value) ?? value));
    if (found === undefined) continue;
    add(node, {
      code: "open_bind",
      severity: isReachable(service) ? "warning" : "info",
      message: `${service.name} ${found.means}: ${name}=${value}`,
      hint: "Leave the switch out, and set a password",
    });
  }
}

function checkPasswords(service: ComposeService, add: Add): void {
  const names = [
    service.name,
    ...service.environment.filter(({ name }) => /USER|DATABASE|_DB$/.test(name)).map(({ value }) => value),
  ];
  for (const { name, value, node } of service.environment) {
    const fallback = fallbackOf(value);
    const literal = fallback ?? (value.includes("$") ? "" : value);
    const inUrl = passwordInUrl(literal);
    const secret = inUrl ?? (secretName.test(name) ? literal : "");
    if (secret === "") continue;
    const hint = `Choose one and keep it out of this file: ${name}: \${${name}:?set it in .env}`;
    if (isKnownPassword(secret, names))
      add(node, {
        code: "default_password",
        // Only those who are on the machine already can try it.
        severity: fallback !== null && !isReachable(service) ? "info" : "warning",
        message: `${service.name} has ${name}=${literal}${fallback === null ? "" : " unless somebody sets it"}`,
        hint,
      });
    else if (fallback === null || secret.length >= generatedLengthMin)
      add(node, {
        code: "secret_in_plain_text",
        severity: "warning",
        message: `${service.name} has ${name} in plain text`,
        hint: `${hint}, and change it: it may be in the history`,
      });
  }
  checkGrafana(service, add);
}

/** A fallback as long as this is no word that somebody thought of: it is the secret itself. */
const generatedLengthMin = 16;

/** Without a word about it, Grafana's first user is admin with the password admin. */
function checkGrafana(service: ComposeService, add: Add): void {
  const { image, environment, name } = service;
  if (!/(?:^|\/)grafana(?:-oss|-enterprise)?(?::|@|$)/.test(image)) return;
  if (
    environment.some((variable) => /^GF_SECURITY_(?:ADMIN_PASSWORD|DISABLE_INITIAL_ADMIN_CREATION)/.test(variable.name))
  )
    return;
  add(null, {
    code: "default_password",
    severity: isReachable(service) ? "warning" : "info",
    message: `${name} lets admin in with the password admin: GF_SECURITY_ADMIN_PASSWORD is not set`,
    hint: "Set GF_SECURITY_ADMIN_PASSWORD: ${GRAFANA_ADMIN_PASSWORD:?set it in .env}",
  });
}

function checkFlags(service: ComposeService, add: Add): void {
  for (const { text, node } of service.words) {
    if (/^--web\.enable-admin-api(?:=true)?$/.test(text))
      add(node, {
        code: "open_admin_api",
        severity: "warning",
        message: `${service.name} lets everybody who reaches it delete series: --web.enable-admin-api`,
        hint: "Leave the flag out, and switch it on only while it is needed",
      });
    if (/^--web\.enable-lifecycle(?:=true)?$/.test(text) && isReachable(service))
      add(node, {
        code: "open_admin_api",
        severity: "warning",
        message: `${service.name} lets everybody on the network end it and make it reload: --web.enable-lifecycle`,
        hint: "Publish it on 127.0.0.1 alone, or leave the flag out",
      });
    const password = /^--requirepass[= ]?(.*)$/.exec(text)?.[1] ?? "";
    if (password !== "" && !password.includes("$"))
      add(node, {
        code: isKnownPassword(password) ? "default_password" : "secret_in_plain_text",
        severity: "warning",
        message: `${service.name} has its password in its command`,
        hint: "Write a variable that .env sets",
      });
  }
}

/**
 * A platform whose metrics name people's addresses, with its port open and nothing that guards /metrics: no credentials
 * for the scrape, no setting of its own.
 */
function checkMetricsDoor({ name, ports, environment }: ComposeService, context: CheckContext, add: Add): void {
  const { prometheus, addressedMetrics } = context;
  const [metric] = addressedMetrics;
  if (prometheus === null || metric === undefined) return;
  if (environment.some((variable) => /^METRICS_.*(?:TOKEN|ALLOW|AUTH|USER|PASS)/.test(variable.name))) return;
  for (const { jobName, discovery, metricsPath, httpClient } of prometheus.scrapeConfigs) {
    if (httpClient.credentials !== null) continue;
    const targets = discovery.staticConfigs
      .flatMap((group) => group.targets)
      .filter((target) => target.split(":")[0] === name);
    const port = ports.find(({ isOpen, target }) => isOpen && targets.some((known) => known.endsWith(`:${target}`)));
    if (port === undefined) continue;
    const label = [...(metric.labels ?? [])].find(isSenderLabel)!;
    add(port.node, {
      code: "metrics_public",
      severity: "warning",
      message: `${name} shows everybody on the network who uses it: ${metric.name} has a series per ${label}, job ${JSON.stringify(jobName)} reads ${metricsPath} without credentials, and the port is published on all addresses`,
      hint: "Let only the scraper read it: a token (authorization: in prometheus.yml), a list of addresses, or a port on 127.0.0.1",
    });
  }
}
