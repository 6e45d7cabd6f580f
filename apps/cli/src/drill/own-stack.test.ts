import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FaultName } from "@tatou/assurance";
import { SocketTransport } from "@tatou/http";
import { bodyText, HttpTransportError } from "@tatou/model";
import { expect, test } from "vitest";
import { repositoryDirectory } from "../paths.ts";
import { type OwnStack, openOwnStack } from "./own-stack.ts";

const isPatient = process.env["TATOU_LONG_TESTS"] === "1";
const transport = new SocketTransport();

async function get(url: string): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await transport.send({ method: "GET", url, timeoutMs: 2_000 });
  return { status: answer.status, text: bodyText(answer) };
}

async function whileBroken(stack: OwnStack, fault: FaultName, look: () => Promise<void>): Promise<void> {
  const mend = await stack.faults.inject(fault);
  // The platform looks at its switch ten times a second.
  await new Promise((resolve) => setTimeout(resolve, 200));
  try {
    await look();
  } finally {
    await mend();
  }
}

function ownDirectories(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("tatou-own-stack-"));
}

test.skipIf(!isPatient)(
  "a stack of its own is there, can be broken and mended, and leaves nothing (long)",
  async () => {
    const before = new Set(ownDirectories());
    const stack = await openOwnStack({ monitoringDirectory: join(repositoryDirectory, "monitoring") });
    const { target, prometheus, inbox } = stack.urls;
    const own = ownDirectories().filter((name) => !before.has(name));
    try {
      expect((await get(`${target}/readyz`)).status).toBe(200);
      expect((await get(`${inbox}/api/tatou/v1/inbox`)).status).toBe(200);
      expect(stack.rmap.identities.size).toBe(5);
      await whileBroken(stack, "server_down", async () => {
        await expect(get(`${target}/healthz`)).rejects.toThrow(HttpTransportError);
      });
      await whileBroken(stack, "database_gone", async () => expect((await get(`${target}/readyz`)).status).toBe(503));
      await whileBroken(stack, "scrape_job_removed", async () => {
        expect((await get(`${prometheus}/api/v1/targets`)).text).not.toContain("tatou-app");
      });
      await whileBroken(stack, "server_restart", async () => expect((await get(`${target}/readyz`)).status).toBe(200));
      expect((await get(`${prometheus}/api/v1/targets`)).text).toContain("tatou-app");
    } finally {
      await stack.close();
    }
    expect(own).toHaveLength(1);
    expect(existsSync(join(tmpdir(), own[0]!))).toBe(false);
    await expect(get(`${target}/healthz`)).rejects.toThrow(HttpTransportError);
  },
  120_000,
);
