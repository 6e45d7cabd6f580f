import { readFileSync } from "node:fs";

/** The version of this repository; its packages share it. */
export function ownVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** What clients of Prometheus, Alertmanager and Grafana read: the version we are compatible with, and ours behind it. */
export function compatibleVersion(original: string): string {
  return `${original}+tatou.${ownVersion()}`;
}
