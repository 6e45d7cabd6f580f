import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MemoryEventLog } from "@tatou/event-log";
import { silentLog, VirtualClock } from "@tatou/model";
import { describe, expect, test } from "vitest";
import { loadConfiguration } from "./load-configuration.ts";

const shared = process.env["TATOU_SHARED"] ?? join(import.meta.dirname, "../../../../../shared");
const folder = join(shared, "conformance/alertmanager-config");
const names = existsSync(folder) ? readdirSync(folder) : [];
console.log(`conformance: ${names.length === 0 ? "absent" : `${names.length} files`} (alertmanager-config)`);

/** What the original loads; the rest of the files it refuses. */
const accepted = new Set([
  "conf.empty-fields.yml",
  "conf.good.yml",
  "conf.group-by-all.yml",
  "conf.mattermost-default-webhook-url-file.yml",
  "conf.mattermost-default-webhook-url.yml",
  "conf.slack-default-api-url-file.yml",
  "conf.smtp-no-username-or-password.yml",
  "conf.smtp-password-global-and-local.yml",
  "conf.sns-topic-arn.yml",
  "conf.telegram-default-bot-token.yml",
  "conf.victorops-default-apikey-file.yml",
]);

function load(name: string): ReturnType<typeof loadConfiguration> {
  const clock = new VirtualClock();
  return loadConfiguration(name, {
    clock,
    log: silentLog,
    eventLog: new MemoryEventLog({ clock }),
    files: { read: async (path) => readFileSync(join(folder, path), "utf8"), glob: async () => [] },
    externalUrl: "http://alerts",
    sendMail: async () => 250,
    openTransport: () => ({ transport: { send: () => Promise.reject(new Error("unused")) }, close: async () => {} }),
  });
}

describe.skipIf(names.length === 0)("Alertmanager's own configuration files", () => {
  test.each(names.filter((name) => accepted.has(name)))("%s makes receivers", async (name) => {
    const loaded = await load(name);
    const { config, integrations, shownText } = loaded;
    expect([...integrations.keys()]).toEqual(config.receivers.map((receiver) => receiver.name));
    // A host stays visible; what stands for a secret elsewhere does not.
    expect(shownText).not.toMatch(/mysecret(?!\.example\.com)/);
    await loaded.close();
  });

  test.each(names.filter((name) => !accepted.has(name)))("%s is refused with its place", async (name) => {
    await expect(load(name)).rejects.toMatchObject({ position: { file: name, line: expect.any(Number) as number } });
  });
});
