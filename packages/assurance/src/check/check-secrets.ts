/** Passwords in configuration files, in .env files, and as defaults in code. */
import { lineAndColumn } from "@tatou/model";
import { isScalar, parseDocument, visit } from "yaml";
import { scalarText } from "./compose-service.ts";
import type { Finding } from "./finding.ts";
import { isKnownPassword, passwordInUrl, secretName } from "./known-password.ts";
import type { SecretDefault } from "./scan/scan-secrets.ts";

const secretKeys =
  /^(?:password|passwd|credentials|smtp_auth_password|auth_password|bearer_token|client_secret|service_key|routing_key|bot_token|token|secret_key|basicAuthPassword|httpHeaderValue\d+|tlsClientKey|slack_api_url|opsgenie_api_key|victorops_api_key|wechat_api_secret)$/;

/** An address that whoever knows it can post to. */
const secretAddress =
  /^https:\/\/(?:hooks\.slack\.com\/services\/|discord(?:app)?\.com\/api\/webhooks\/|[\w.-]+\.webhook\.office\.com\/)./;

/** Passwords in YAML: prometheus.yml, alertmanager.yml and Grafana's provisioning, which all can take them from elsewhere. */
export function checkYamlSecrets(text: string, file: string): readonly Finding[] {
  const findings: Finding[] = [];
  const document = parseDocument(text);
  if (document.errors.length > 0) return [];
  visit(document, {
    Pair(_key, { key, value }) {
      if (!isScalar(key) || !isScalar(value)) return;
      const name = String(key.value);
      const secret = scalarText(value.value);
      if (secret === "" || secret.includes("$") || secret.includes("{{")) return;
      const inUrl = passwordInUrl(secret);
      if (!secretKeys.test(name) && !secretAddress.test(secret) && inUrl === null) return;
      findings.push({
        code: isKnownPassword(inUrl ?? secret) ? "default_password" : "secret_in_plain_text",
        severity: "warning",
        position: { file, ...lineAndColumn(text, value.range?.[0] ?? 0) },
        message: `${name} stands in plain text`,
        hint: /provisioning/.test(file)
          ? "Write $NAME and set NAME in the environment"
          : `Write ${name}_file: with the path of a file that only the program can read`,
      });
    },
  });
  return findings;
}

/** What somebody signs in with for the first time, and changes then; a key or a database's password stays what it is. */
const firstPassword = /(?:ADMIN|INITIAL|BOOTSTRAP)_PASSWORD$/;

/** Defaults in code: with nothing set, everybody who has read it knows them. */
export function checkSecretDefaults(defaults: readonly SecretDefault[]): readonly Finding[] {
  return defaults.map(({ name, value, position }) => ({
    code: isKnownPassword(value) ? "default_password" : "secret_in_plain_text",
    severity: firstPassword.test(name) ? "info" : "warning",
    position,
    message: `Without ${name} in the environment, the code takes a value that stands in it`,
    hint: `Stop with a message when ${name} is not set, or make a random one at the first start`,
  }));
}

/** A setting that somebody wrote by hand is shorter; certificates are not passwords. */
const lineLengthMax = 1_000;

/** `.env` and grafana.ini: the right place for a secret, but not for one that everybody knows. */
export function checkSettingsFile(text: string, file: string): readonly Finding[] {
  const isSample = /sample|example|template/i.test(file);
  let offset = 0;
  return text.split("\n").flatMap((line): readonly Finding[] => {
    const start = offset;
    offset += line.length + 1;
    if (line.length > lineLengthMax) return [];
    const [, name = "", value = ""] =
      /^\s*(?:export\s+)?([\w.]{1,100})\s*=\s*["']?([^"'\r\n#;]*?)["']?\s*(?:[;#].*)?$/.exec(line) ?? [];
    const secret = passwordInUrl(value) ?? (secretName.test(name.toUpperCase()) ? value : "");
    if (secret === "" || !isKnownPassword(secret)) return [];
    return [
      {
        code: "default_password",
        // Whoever copies a sample is told what to change by the sample itself.
        severity: isSample ? "info" : "warning",
        position: { file, ...lineAndColumn(text, start) },
        message: `${name} is ${JSON.stringify(secret)}, which everybody tries first`,
        hint: "Choose a password of your own",
      },
    ];
  });
}
