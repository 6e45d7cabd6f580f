/** Faults of how the original is put into operation: its default secret, its containers, its passwords. */
import { parse } from "yaml";
import type { Finding } from "./original-fault.ts";

/** Starts a platform with these settings and says whether it came up. */
export type TryStart = (env: NodeJS.ProcessEnv) => Promise<"refused" | "started">;

/** In production, the platform must not start with a secret that others know, or with none. */
export async function startWithWeakSecrets(tryStart: TryStart): Promise<Finding> {
  const weak = ["dev-secret-change-me", "x".repeat(31), undefined];
  for (const secret of weak) {
    const outcome = await tryStart({ NODE_ENV: "production", SECRET_KEY: secret });
    if (outcome === "started") return `it starts in production with the secret ${JSON.stringify(secret)}`;
  }
  return null;
}

interface Service {
  readonly image?: string;
  readonly user?: string;
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>> | readonly string[];
  readonly privileged?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
}

/** Whoever the last stage of an image runs as must be somebody without rights. */
export function findRoot(dockerfile: string): Finding {
  const lastStage = dockerfile.slice(dockerfile.search(/^FROM(?![\s\S]*^FROM)/m));
  const user = [...lastStage.matchAll(/^USER\s+(\S+)/gm)].at(-1)?.[1];
  if (user === undefined) return "the image runs as root: no USER";
  return /^(root|0)(:|$)/.test(user) ? `the image runs as ${user}` : null;
}

/** Only the platform may be reachable from elsewhere, and that on request. */
export function findPublishedPorts(composeText: string): Finding {
  for (const [name, service] of servicesOf(composeText)) {
    if (service.privileged === true) return `${name} is privileged`;
    if (/phpmyadmin|adminer/.test(service.image ?? "")) return `${name} administers the database`;
    for (const port of service.ports ?? []) {
      if (!/^(127\.0\.0\.1|\$\{[A-Z_]+:-127\.0\.0\.1\}):/.test(port))
        return `${name} is published on all interfaces: ${port}`;
    }
  }
  return null;
}

/** No password of a database may stand in the file, be it as a default. */
export function findDefaultPasswords(composeText: string, environmentText: string): Finding {
  for (const [name, service] of servicesOf(composeText)) {
    for (const [variable, value] of settingsOf(service)) {
      const isSecret = /(PASSWORD|SECRET|TOKEN)/.test(variable) && !variable.endsWith("_FILE");
      // Grafana's first password is documented, on loopback, and asked to be changed at the first login.
      if (!isSecret || variable === "GF_SECURITY_ADMIN_PASSWORD") continue;
      const fixed = /^\$\{[A-Z_]+(?::?[-?](.*))?\}$/.exec(value);
      if (fixed === null && value !== "") return `${name} has a fixed ${variable}`;
      if (!value.includes("?") && (fixed?.[1] ?? "") !== "") return `${name} has a default ${variable}`;
    }
  }
  const inSample = /^(?!GRAFANA)\w*(PASSWORD|SECRET|TOKEN)\w*=(.+)$/m.exec(environmentText);
  return inSample === null ? null : `the sample settings contain ${inSample[0]}`;
}

function servicesOf(composeText: string): readonly (readonly [string, Service])[] {
  return Object.entries((parse(composeText) as { services: Record<string, Service> }).services);
}

function settingsOf({ environment = {} }: Service): readonly (readonly [string, string])[] {
  if (!Array.isArray(environment)) return Object.entries(environment).map(([name, value]) => [name, value ?? ""]);
  return (environment as readonly string[]).map((line) => {
    const [name = "", ...rest] = line.split("=");
    return [name, rest.join("=")];
  });
}

/** How the original is shipped, in the lines that matter. */
export const originalContainers = {
  dockerfile: 'FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nRUN pip install .\nCMD ["gunicorn"]\n',
  compose: `
services:
  server:
    build: .
    ports: ["5000:5000"]
  db:
    image: mariadb:11.4
    ports: ["3306:3306"]
    environment:
      MARIADB_ROOT_PASSWORD: root
      MARIADB_PASSWORD: tatou
  phpmyadmin:
    image: phpmyadmin:latest
    ports: ["8080:80"]
`,
  environment: "MARIADB_USER=tatou\nMARIADB_PASSWORD=tatou\n",
} as const;
