import { labelsToObject } from "@tatou/model";
import { expect, test } from "vitest";
import type { ConfigFiles } from "../config-files.ts";
import { ConfigError } from "../errors.ts";
import { checkReferencedFiles } from "./check-referenced-files.ts";
import { loadPrometheusConfig } from "./load-prometheus-config.ts";

function load(text: string, options?: Parameters<typeof loadPrometheusConfig>[2]) {
  return loadPrometheusConfig(text, "/etc/prometheus/prometheus.yml", options);
}

function faultsOf(text: string): string[] {
  try {
    load(text);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.diagnostics.map(
      ({ message, position, hint }) =>
        `${position?.line}:${position?.column} ${message}${hint === undefined ? "" : ` (${hint})`}`,
    );
  }
}

test("an empty file is all defaults", () => {
  const { global, scrapeConfigs, alerting, runtime, storage } = load("");
  expect(global).toMatchObject({
    scrapeIntervalMs: 60_000,
    scrapeTimeoutMs: 10_000,
    evaluationIntervalMs: 60_000,
    ruleQueryOffsetMs: 0,
    metricNameValidationScheme: "utf8",
    metricNameEscapingScheme: "allow-utf-8",
    externalLabels: [],
  });
  expect({ scrapeConfigs, alerting, runtime }).toEqual({
    scrapeConfigs: [],
    alerting: { alertRelabelConfigs: [], alertmanagers: [] },
    runtime: { goGcPercent: 75 },
  });
  expect(storage.retentionTimeMs).toBeNull();
  expect(load("global:\nruntime:\nstorage:\n")).toEqual(load(""));
});

test("a scrape job has Prometheus' defaults and takes over what global says", () => {
  const text =
    "global:\n  scrape_interval: 7s\n  sample_limit: 10\n  body_size_limit: 1KB\nscrape_configs:\n  - job_name: a\n  - job_name: b\n    scrape_interval: 20s\n    sample_limit: 3\n    honor_timestamps: false\n";
  const [a, b] = load(text).scrapeConfigs;
  expect(a).toMatchObject({
    jobName: "a",
    scrapeIntervalMs: 7000,
    scrapeTimeoutMs: 7000,
    sampleLimit: 10,
    bodySizeLimitBytes: 1024,
    honorLabels: false,
    honorTimestamps: true,
    trackTimestampsStaleness: false,
    metricsPath: "/metrics",
    scheme: "http",
    enableCompression: true,
    scrapeProtocols: ["OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"],
    fallbackScrapeProtocol: null,
    httpClient: { credentials: null, followRedirects: true, enableHttp2: true },
    position: { file: "/etc/prometheus/prometheus.yml", line: 6, column: 5 },
  });
  expect(b).toMatchObject({ scrapeIntervalMs: 20_000, scrapeTimeoutMs: 7000, sampleLimit: 3, honorTimestamps: false });
});

test("native histograms put protobuf first, unless global names the protocols", () => {
  const job = "scrape_configs:\n  - job_name: a\n    scrape_native_histograms: true\n";
  expect(load(job).scrapeConfigs[0]?.scrapeProtocols[0]).toBe("PrometheusProto");
  const named = `global:\n  scrape_protocols: [PrometheusText0.0.4]\n${job}`;
  expect(load(named).scrapeConfigs[0]?.scrapeProtocols).toEqual(["PrometheusText0.0.4"]);
});

test("paths are joined with the directory of the file, absolute ones stay", () => {
  const config = load(
    "rule_files: [rules/*.yml, ../a.yml, /b.yml]\nscrape_configs:\n  - job_name: a\n    file_sd_configs: [{ files: [t.json] }]\n    authorization: { credentials_file: ./token }\n",
  );
  expect(config.ruleFiles).toEqual(["/etc/prometheus/rules/*.yml", "/etc/a.yml", "/b.yml"]);
  expect(config.scrapeConfigs[0]).toMatchObject({
    discovery: { fileSdConfigs: [{ files: ["/etc/prometheus/t.json"], refreshIntervalMs: 300_000 }] },
    httpClient: {
      credentials: { kind: "authorization", type: "Bearer", credentials: { file: "/etc/prometheus/token" } },
    },
  });
});

test("external labels take variables from the environment", () => {
  const text = "global:\n  external_labels: { a: '${X}', b: 'y$X', c: '$$X', d: $NOT, e: plain }\n";
  const { externalLabels } = load(text, { environment: { X: "1" } }).global;
  expect(labelsToObject(externalLabels)).toEqual({ a: "1", b: "y1", c: "$X", e: "plain" });
});

test("target groups keep labels as written and are numbered", () => {
  const text =
    "scrape_configs:\n  - job_name: a\n    static_configs:\n      - targets: [x:1]\n        labels: { v: 1.10, e: '' }\n      - targets: [y:2]\n";
  expect(load(text).scrapeConfigs[0]?.discovery.staticConfigs).toEqual([
    { targets: ["x:1"], labels: { v: "1.10", e: "" }, source: "0" },
    { targets: ["y:2"], labels: {}, source: "1" },
  ]);
});

test("discoveries that are not run are kept by name and place", () => {
  const text =
    "scrape_configs:\n  - job_name: a\n    consul_sd_configs:\n      - server: c:8500\n        anything: goes\n    kubernetes_sd_configs:\n      - role: pod\n";
  const unsupportedDiscovery = load(text).scrapeConfigs[0]?.discovery.unsupportedDiscovery;
  expect(unsupportedDiscovery?.map(({ kind, position }) => `${kind} ${position.line}`)).toEqual([
    "consul_sd_configs 4",
    "kubernetes_sd_configs 7",
  ]);
  expect(load("tracing:\n  endpoint: t:1\n").unusedSections).toMatchObject([{ key: "tracing", position: { line: 1 } }]);
});

test("relabelling rules have the defaults and fields of their action", () => {
  const text = [
    "scrape_configs:",
    "  - job_name: a",
    "    relabel_configs:",
    "      - target_label: x",
    "      - { source_labels: [a, b], separator: '', regex: 'q.*', action: DROP }",
    "      - { source_labels: [a], modulus: 8, target_label: h, action: hashmod }",
    "      - { regex: '', target_label: y, replacement: '' }",
    "      - { regex: , target_label: y }",
    "      - { action: labelmap, regex: 'm_(.+)' }",
  ].join("\n");
  const rules = load(text).scrapeConfigs[0]?.relabelConfigs;
  expect(rules?.map((rule) => ("regex" in rule ? { ...rule, regex: rule.regex.source } : rule))).toEqual([
    { action: "replace", sourceLabels: [], separator: ";", regex: "(.*)", targetLabel: "x", replacement: "$1" },
    { action: "drop", sourceLabels: ["a", "b"], separator: "", regex: "q.*" },
    { action: "hashmod", sourceLabels: ["a"], separator: ";", modulus: 8, targetLabel: "h" },
    { action: "replace", sourceLabels: [], separator: ";", regex: "", targetLabel: "y", replacement: "" },
    { action: "replace", sourceLabels: [], separator: ";", regex: "", targetLabel: "y", replacement: "$1" },
    { action: "labelmap", regex: "m_(.+)", replacement: "$1" },
  ]);
});

test.each([
  {
    text: "globl:\n  scrape_interval: 1s\n",
    faults: [
      '1:1 Cannot load /etc/prometheus/prometheus.yml: field globl not found, expected one of its known keys (Did you mean "global"?)',
    ],
  },
  {
    text: "scrape_configs:\n  - job_name: a\n    scrape_intervall: 5s\n    honor_labels: maybe\n    sample_limit: -1\n",
    faults: [
      '3:5 Cannot load scrape_configs[0]: field scrape_intervall not found, expected one of its known keys (Did you mean "scrape_interval"?)',
      '4:19 Cannot load scrape_configs[0].honor_labels: found "maybe", expected true or false',
      '5:19 Cannot load scrape_configs[0].sample_limit: found "-1", expected a number from 0 to 9007199254740991',
    ],
  },
  {
    text: "global: []\n",
    faults: ["1:9 Cannot load global: found a list, expected a map"],
  },
  {
    text: "global:\n  scrape_interval: 5\n  evaluation_interval: 1.5m\n",
    faults: [
      '2:20 Cannot load global.scrape_interval: not a valid duration string: "5" (Write numbers with the units ms, s, m, h, d, w, y, the largest first, as in 1h30m)',
      '3:24 Cannot load global.evaluation_interval: not a valid duration string: "1.5m" (Write numbers with the units ms, s, m, h, d, w, y, the largest first, as in 1h30m)',
    ],
  },
  {
    text: "global: { scrape_timeout: 2m }\n",
    faults: ["1:27 Cannot load global.scrape_timeout: global scrape timeout greater than scrape interval"],
  },
  {
    text: 'global: { external_labels: { "": x } }\n',
    faults: ['1:28 Cannot load global.external_labels: "" is not a valid label name'],
  },
  {
    text: "remote_write: [{ url: '127.0.0.1:9090' }]\n",
    faults: [
      '1:23 Cannot load remote_write[0].url: parse "127.0.0.1:9090": first path segment in URL cannot contain colon',
    ],
  },
  {
    text: "alerting: { alertmanagers: [{ scheme: ftp }] }\n",
    faults: ['1:39 Cannot load alerting.alertmanagers[0].scheme: found "ftp", expected one of http, https'],
  },
])("says what is wrong where: $text", ({ text, faults }) => {
  expect(faultsOf(text)).toEqual(faults);
});

test.each([
  {
    keys: "basic_auth: { username: u, password: p, password_file: f }",
    fault: "at most one of basic_auth password, password_file & password_ref must be configured",
  },
  {
    keys: "authorization: { type: Basic }",
    fault: 'authorization type cannot be set to "basic", use "basic_auth" instead',
  },
  {
    keys: "authorization: {}\n    bearer_token: t",
    fault: "authorization is not compatible with bearer_token & bearer_token_file",
  },
  { keys: "oauth2: { client_id: c }", fault: "oauth2 token_url must be configured" },
  { keys: "oauth2: { token_url: t }", fault: "oauth2 client_id must be configured" },
  {
    keys: "tls_config: { cert_file: c }",
    fault: "exactly one of key or key_file must be configured when a client certificate is configured",
  },
  {
    keys: "tls_config: { key: k }",
    fault: "exactly one of cert or cert_file must be configured when a client key is configured",
  },
  { keys: "tls_config: { min_version: TLS9 }", fault: 'found "TLS9", expected one of TLS10, TLS11, TLS12, TLS13' },
  {
    keys: "tls_config: { min_version: TLS13, max_version: TLS12 }",
    fault: "tls_config.max_version must be greater than or equal to tls_config.min_version",
  },
  { keys: "no_proxy: x", fault: "if no_proxy is configured, proxy_url must also be configured" },
  {
    keys: "proxy_from_environment: true\n    proxy_url: http://p",
    fault: "if proxy_from_environment is configured, proxy_url must not be configured",
  },
  {
    keys: "proxy_connect_header: { A: [b] }",
    fault: "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured",
  },
  { keys: "http_headers: { hOst: { values: [x] } }", fault: 'setting header "Host" is not allowed' },
  {
    keys: "http_headers: { a: { values: [x] }, A: { values: [y] } }",
    fault: 'header "A" is defined in multiple sections',
  },
  { keys: "basic_auth: { password_ref: x }", fault: "there is no secret manager" },
])("refuses $keys as Prometheus does", ({ keys, fault }) => {
  const faults = faultsOf(`scrape_configs:\n  - job_name: a\n    ${keys}\n`);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(fault);
});

test("a thousand faults are told up to a hundred", () => {
  const faults = faultsOf(`rule_files:\n${"  - [a]\n".repeat(1000)}`);
  expect(faults).toHaveLength(100);
});

test("agents take no rules, alerts or remote reads", () => {
  expect(() => load("rule_files: [a]\n", { agentMode: true })).toThrow("field rule_files is not allowed in agent mode");
});

test("included scrape configurations are read, and a file that cannot be is told", () => {
  const files: ConfigFiles = {
    glob: (pattern) => (pattern.includes("*") ? ["/c/one.yml", "/c/two.yml"] : [pattern]),
    read: (path) => {
      if (path === "/c/gone.yml") throw new Error("no such file");
      return `scrape_configs:\n  - job_name: ${path}\n    authorization: { credentials_file: t }\n`;
    },
    exists: () => true,
  };
  const config = load("scrape_config_files: [/c/*.yml]\n", { files });
  expect(config.scrapeConfigs.map(({ jobName }) => jobName)).toEqual(["/c/one.yml", "/c/two.yml"]);
  expect(config.scrapeConfigs[0]).toMatchObject({ httpClient: { credentials: { credentials: { file: "/c/t" } } } });
  expect(() => load("scrape_config_files: [/c/gone.yml]\n", { files })).toThrow(
    "cannot read /c/gone.yml: no such file",
  );
});

test("files that are not there are found before the start", () => {
  const text =
    "rule_files: [a.yml, b*.yml]\nscrape_configs:\n  - job_name: a\n    basic_auth: { username: u, password_file: p }\n    tls_config: { ca_file: ca }\n";
  const files: ConfigFiles = { glob: () => [], read: () => "", exists: (path) => path.endsWith("/ca") };
  const messages = checkReferencedFiles(load(text), files).map(
    ({ message, position }) => `${position?.line} ${message}`,
  );
  expect(messages).toEqual([
    '1 Cannot find rule file: "/etc/prometheus/a.yml" does not point to an existing file',
    '3 Cannot find password: "/etc/prometheus/p" does not point to an existing file',
  ]);
});
