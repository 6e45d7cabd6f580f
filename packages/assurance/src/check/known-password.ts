/** Whether a password protects anything. */

const everybodysPasswords = new Set([
  "admin",
  "administrator",
  "changeit",
  "changeme",
  "default",
  "dev",
  "example",
  "grafana",
  "guest",
  "letmein",
  "mariadb",
  "mysql",
  "pass",
  "passwd",
  "password",
  "postgres",
  "prom-operator",
  "qwerty",
  "redis",
  "root",
  "secret",
  "supersecret",
  "test",
  "toor",
]);

/** What manuals write where a secret belongs: change-me, your-secret-key, insecure-dev-key. */
const placeholder =
  /^(?:(?:please[-_ ]?)?change[-_ ]?(?:me|this|it)\b|your[-_ ].*(?:key|secret|password|token)|(?:super|dev|development|insecure|test|my|default|example)[-_ ]?(?:dev[-_ ]?)?(?:secret|key|password|token)\b)/i;

/** @param names what the service, its user and its database are called: as a password, these are guessed first */
export function isKnownPassword(password: string, names: readonly string[] = []): boolean {
  const plain = password.toLowerCase().replace(/(?:123(?:4(?:56?)?)?|!)$/, "");
  if (/^[\d!]*$/.test(plain) && password.length <= 8) return true;
  return (
    everybodysPasswords.has(plain) || placeholder.test(password) || names.some((name) => name.toLowerCase() === plain)
  );
}

/** A setting whose value somebody has to keep to themselves. */
export const secretName =
  /(?:^|[A-Z0-9]_|__)?(?:PASSWORD|PASSWD|PASS|SECRET|SECRET_KEY|TOKEN|API_KEY|PASSPHRASE|PRIVATE_KEY)$/;

/** The password in the address of a database or a service; null when there is none. */
export function passwordInUrl(value: string): string | null {
  const found = /^[a-z][a-z0-9+.-]{1,40}:\/\/[^:/@\s]{0,200}:([^@/\s]{1,200})@/i.exec(value)?.[1];
  return found === undefined || found.includes("${") ? null : found;
}

/** What `${NAME:-value}` becomes when nobody sets NAME; null when the text is no such thing. */
export function fallbackOf(value: string): string | null {
  return /^\$\{\w+:?-([^}]*)\}$/.exec(value)?.[1] ?? null;
}
