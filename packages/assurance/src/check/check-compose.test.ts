import { expect, test } from "vitest";
import { type CheckReport, runCheck } from "./run-check.ts";
import { memoryFiles } from "./testing/memory-files.ts";

function check(texts: Readonly<Record<string, string>>): CheckReport {
  return runCheck(memoryFiles(texts), { live: null });
}

function codesOf(texts: Readonly<Record<string, string>>): readonly string[] {
  return check(texts).findings.map(({ code, severity }) => (severity === "info" ? `(${code})` : code));
}

function serviceFindings(lines: string): readonly string[] {
  const indented = lines.replaceAll(/^/gm, "    ");
  return codesOf({ "docker-compose.yml": `services:\n  app:\n${indented}\n` });
}

test.each([
  { lines: 'image: prom/prometheus\nports: ["9090:9090"]', codes: ["open_bind"] },
  { lines: 'image: prom/prometheus\nports: ["0.0.0.0:9090:9090/tcp"]', codes: ["open_bind"] },
  { lines: 'image: prom/prometheus\nports: ["[::]:9090:9090"]', codes: ["open_bind"] },
  { lines: "image: prom/prometheus\nports: [9090]", codes: ["open_bind"] },
  { lines: 'image: prom/prometheus\nports: ["${BIND:-0.0.0.0}:9090:9090"]', codes: ["open_bind"] },
  { lines: "image: prom/prometheus\nports: [{ target: 9090, published: 9090 }]", codes: ["open_bind"] },
  { lines: "image: quay.io/prometheus/node-exporter\nnetwork_mode: host", codes: ["open_bind"] },
  { lines: 'image: prom/prometheus\nports: ["127.0.0.1:9090:9090"]', codes: [] },
  { lines: 'image: prom/prometheus\nports: ["[::1]:9090:9090"]', codes: [] },
  { lines: 'image: prom/prometheus\nports: ["${BIND:-127.0.0.1}:${PORT:-9090}:9090"]', codes: [] },
  { lines: "image: prom/prometheus\nports: [{ target: 9090, published: 9090, host_ip: 127.0.0.1 }]", codes: [] },
  { lines: 'image: nginx\nports: ["80:80"]', codes: [] },
  { lines: "image: prom/prometheus\ncommand: --web.enable-admin-api --x", codes: ["open_admin_api"] },
  {
    lines: 'image: prom/prometheus\nports: ["9090:9090"]\ncommand: [--web.enable-lifecycle]',
    codes: ["open_bind", "open_admin_api"],
  },
  { lines: "image: prom/prometheus\ncommand: [--web.enable-lifecycle]", codes: [] },
  { lines: 'image: grafana/grafana:12\nports: ["3000:3000"]', codes: ["default_password"] },
  { lines: "image: grafana/grafana:12", codes: ["(default_password)"] },
  { lines: "image: grafana/grafana\nenvironment: { GF_SECURITY_ADMIN_PASSWORD__FILE: /run/x }", codes: [] },
  { lines: "image: grafana/grafana-image-renderer:3", codes: [] },
  {
    lines:
      'image: grafana/grafana\nports: ["3000:3000"]\nenvironment: { GF_SECURITY_ADMIN_PASSWORD: "${P}", GF_AUTH_ANONYMOUS_ENABLED: "true" }',
    codes: ["open_bind"],
  },
  { lines: "environment: { MYSQL_ROOT_PASSWORD: tatou, MYSQL_DATABASE: tatou }", codes: ["default_password"] },
  { lines: "environment: [POSTGRES_PASSWORD=postgres]", codes: ["default_password"] },
  { lines: "environment: [POSTGRES_HOST_AUTH_METHOD=trust]", codes: ["(open_bind)"] },
  { lines: 'environment: { DB_PASSWORD: "${DB_PASSWORD:-changeme}" }\nports: ["80:80"]', codes: ["default_password"] },
  { lines: 'environment: { DB_PASSWORD: "${DB_PASSWORD:-changeme}" }', codes: ["(default_password)"] },
  { lines: "environment: { SECRET_KEY: change-me-in-production }", codes: ["default_password"] },
  { lines: "environment: { SECRET_KEY: 5f0a9c21be774d }", codes: ["secret_in_plain_text"] },
  { lines: 'environment: { SECRET_KEY: "${SECRET_KEY:-5f0a9c21be774d35}" }', codes: ["secret_in_plain_text"] },
  { lines: "environment: { DATABASE_URL: 'mysql://tatou:s7kf0q@db/tatou' }", codes: ["secret_in_plain_text"] },
  { lines: "environment: { DATABASE_URL: 'mysql://root:root@db/tatou' }", codes: ["default_password"] },
  {
    lines: 'environment: { SECRET_KEY: "${SECRET_KEY:?set it}", SECRET_KEY_FILE: /run/x, TOKEN_TTL_SECONDS: 60 }',
    codes: [],
  },
])("$lines: $codes", ({ lines, codes }) => {
  expect(serviceFindings(lines)).toEqual(codes);
});

const addressed = `import { Counter } from "prom-client";
new Counter({ name: "logins_total", help: "", labelNames: ["client_ip"] });
`;
const scrape = (more: string): string =>
  `scrape_configs: [{ job_name: app, ${more} static_configs: [{ targets: ["app:5000"] }] }]\n`;
const open = (more: string): string => `services:\n  app:\n    build: .\n    ports: ["5000:5000"]\n${more}`;

test.each([
  { what: "open", compose: open(""), prometheus: scrape(""), isNamed: true },
  {
    what: "with a token",
    compose: open("    environment: [METRICS_TOKEN=$TOKEN]\n"),
    prometheus: scrape(""),
    isNamed: false,
  },
  {
    what: "on loopback",
    compose: open("").replace("5000:5000", "127.0.0.1:5000:5000"),
    prometheus: scrape(""),
    isNamed: false,
  },
  {
    what: "with credentials",
    compose: open(""),
    prometheus: scrape("authorization: { credentials_file: /x },"),
    isNamed: false,
  },
])("metrics with addresses, $what", ({ compose, prometheus, isNamed }) => {
  const codes = codesOf({ "app.ts": addressed, "prometheus.yml": prometheus, "compose.yml": compose });
  expect(codes.includes("metrics_public")).toBe(isNamed);
});

test.each([
  {
    file: "app.py",
    text: 'import os\nSECRET_KEY = os.environ.get("SECRET_KEY", "dev-secret-change-me")',
    codes: ["default_password"],
  },
  { file: "app.py", text: 'import os\nX = os.getenv("DB_PASSWORD", "k3jx8Qpf0")', codes: ["secret_in_plain_text"] },
  { file: "app.py", text: '# os.getenv("DB_PASSWORD", "x")\n', codes: [] },
  { file: "app.py", text: 'os.getenv("DB_PASSWORD", "")\nos.getenv("DB_PASSWORD")', codes: [] },
  { file: "app.ts", text: 'const key = process.env.SECRET_KEY ?? "dev";', codes: ["default_password"] },
  { file: "app.ts", text: `const key = process.env["JWT_SECRET"] || 'changeme';`, codes: ["default_password"] },
  { file: "app.ts", text: 'const first = process.env["ADMIN_PASSWORD"] ?? "admin";', codes: ["(default_password)"] },
  { file: "app.ts", text: 'const port = process.env.PORT ?? "5000";', codes: [] },
  { file: ".env", text: "A=1\nGRAFANA_PASSWORD=admin\nSECRET_KEY=5f0a9c21be774d\n", codes: ["default_password"] },
  { file: "sample.env", text: "GRAFANA_PASSWORD=admin\n", codes: ["(default_password)"] },
  {
    file: "grafana.ini",
    text: "[security]\nadmin_password = admin ; at first\n;secret_key = changeme\n",
    codes: ["default_password"],
  },
  {
    file: "provisioning/datasources/d.yml",
    text: "datasources:\n  - secureJsonData: { password: hunter2x }\n",
    codes: ["secret_in_plain_text"],
  },
  { file: "provisioning/datasources/d.yml", text: "datasources:\n  - secureJsonData: { password: $DB }\n", codes: [] },
  {
    file: "alertmanager.yml",
    text: "route: { receiver: a }\nreceivers:\n  - name: a\n    slack_configs: [{ api_url: https://hooks.slack.com/services/T0/B0/abc, channel: '#a' }]\n",
    codes: ["secret_in_plain_text"],
  },
])("$file: $text", ({ file, text, codes }) => {
  expect(codesOf({ [file]: text })).toEqual(codes);
});
