/**
 * The faults that the public original has on purpose, one by one: each must be gone from ours, and each check must find
 * the fault where a proxy has put it back.
 */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePorts, repository } from "../lib/processes.ts";
import { startBroken } from "./lib/broken-platform.ts";
import { accessFaults } from "./lib/faults/access-faults.ts";
import { linkFaults } from "./lib/faults/link-faults.ts";
import {
  findDefaultPasswords,
  findPublishedPorts,
  findRoot,
  originalContainers,
  startWithWeakSecrets,
  type TryStart,
} from "./lib/faults/operation-faults.ts";
import { serviceFaults } from "./lib/faults/service-faults.ts";
import { uploadFaults, uploadLimitBytes } from "./lib/faults/upload-faults.ts";
import { send } from "./lib/http.ts";
import { newFolder, Platform, spawnPlatform } from "./lib/platform.ts";

describe("the faults of the original", () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await Platform.start({ MAX_UPLOAD_BYTES: String(uploadLimitBytes) });
  });
  afterAll(() => platform.stop());

  describe.each([...accessFaults, ...linkFaults, ...uploadFaults, ...serviceFaults])(
    "$name",
    ({ check, breakAgain, finding }) => {
      test("is gone", async () => expect(await check(platform)).toBeNull());

      test("is found where it was put back", async () => {
        const broken = await startBroken(platform, breakAgain());
        try {
          expect(await check(broken)).toMatch(finding);
        } finally {
          await broken.close();
        }
      });
    },
  );
});

describe("weak default signing secret", () => {
  /** Waits for whichever comes first: an end, or an answer. */
  const tryStart: TryStart = async (env) => {
    const [port] = await freePorts(1);
    const folder = newFolder();
    const child = spawnPlatform(folder, { PORT: String(port), ...env });
    try {
      return await Promise.race([child.closed.then(() => "refused" as const), answering(port!)]);
    } finally {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  };

  async function answering(port: number): Promise<"started"> {
    for (;;) {
      const status = await send(port, "/healthz").then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 200) return "started";
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  test("is gone", async () => expect(await startWithWeakSecrets(tryStart)).toBeNull());

  test("is found in a platform that starts with its default", async () => {
    // Without production, ours makes a key for this one run; a platform that ignores the setting looks the same.
    const carefree: TryStart = () => tryStart({ NODE_ENV: "development", SECRET_KEY: undefined });
    expect(await startWithWeakSecrets(carefree)).toContain("it starts in production");
  });
});

describe("containers and passwords", () => {
  const read = (name: string) => readFileSync(join(repository, name), "utf8");
  const ours = { dockerfile: read("Dockerfile"), compose: read("docker-compose.yml"), environment: read("sample.env") };
  const checks = [
    { name: "containers that run as root", check: ({ dockerfile }: typeof ours) => findRoot(dockerfile) },
    { name: "ports published on all interfaces", check: ({ compose }: typeof ours) => findPublishedPorts(compose) },
    {
      name: "default passwords",
      check: ({ compose, environment }: typeof ours) => findDefaultPasswords(compose, environment),
    },
  ];
  describe.each(checks)("$name", ({ check }) => {
    test("are gone", () => expect(check(ours)).toBeNull());
    test("are found in the original's files", () => expect(check(originalContainers)).toEqual(expect.any(String)));
  });
});
