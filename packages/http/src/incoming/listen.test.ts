import { createServer } from "node:http";
import type { FastifyInstance } from "fastify";
import { afterEach, expect, test } from "vitest";
import { PortInUseError } from "../errors.ts";
import { listenAnywhere, stop } from "../testing/serve.ts";
import { createDoor } from "./door.ts";
import type { DoorOptions } from "./door-options.ts";
import { listen, parseListenAddress } from "./listen.ts";
import { findPortOwner } from "./port-owner.ts";

const doors: FastifyInstance[] = [];
afterEach(async () => {
  for (const door of doors.splice(0)) await door.close();
});

function openDoor(options: Partial<DoorOptions> = {}): FastifyInstance {
  const door = createDoor({ listenFlag: "--web.listen-address", ...options });
  doors.push(door);
  return door;
}

test.each([
  { address: "127.0.0.1:9090", place: { host: "127.0.0.1", port: 9090 } },
  { address: ":9090", place: { host: "0.0.0.0", port: 9090 } },
  { address: "[::1]:80", place: { host: "::1", port: 80 } },
  { address: "localhost:0", place: { host: "localhost", port: 0 } },
])("reads $address", ({ address, place }) => {
  expect(parseListenAddress(address, "--web.listen-address")).toEqual(place);
});

test.each(["9090", "localhost", "127.0.0.1:", "127.0.0.1:70000", "::1:9090", "[x]:1", "http://localhost:9090"])(
  "refuses %s in words",
  async (address) => {
    await expect(listen(openDoor(), address)).rejects.toMatchObject({
      code: "listen",
      message: `Cannot listen on ${JSON.stringify(address)}: that is no address, expected host:port`,
      hint: "Write it as --web.listen-address=127.0.0.1:9090",
    });
  },
);

test.each(["0.0.0.0:0", ":0", "192.0.2.1:0", "some-host:0", "[::]:0"])(
  "does not open unguarded on %s",
  async (address) => {
    await expect(listen(openDoor(), address)).rejects.toMatchObject({
      code: "unguarded_address",
      hint: expect.stringContaining("--web.trusted-network"),
    });
  },
);

test.each([{ trustedNetwork: true }, { hasAuthentication: true }])("opens on the network with %o", async (options) => {
  const { url, port } = await listen(openDoor(options), "0.0.0.0:0");
  expect(port).toBeGreaterThan(0);
  expect(url).toBe(`http://127.0.0.1:${port}`);
});

test("localhost is 127.0.0.1", async () => {
  expect((await listen(openDoor(), "localhost:0")).host).toBe("127.0.0.1");
});

test("says that no such address is here", async () => {
  await expect(listen(openDoor({ trustedNetwork: true }), "192.0.2.1:0")).rejects.toMatchObject({
    code: "listen",
    message: expect.stringContaining("this machine has no such address"),
  });
});

test.runIf(process.platform === "linux")("says who holds the port and which flag changes it", async () => {
  const holder = createServer();
  const port = await listenAnywhere(holder);
  const error: unknown = await listen(openDoor(), `127.0.0.1:${port}`).catch((thrown: unknown) => thrown);
  await stop(holder);
  expect(error).toBeInstanceOf(PortInUseError);
  expect(error).toMatchObject({ code: "port_in_use", port, owner: { pid: process.pid } });
  expect((error as PortInUseError).message).toMatch(
    /^Cannot listen on 127\.0\.0\.1:\d+: the port is taken by .*\(process \d+\)/,
  );
  expect((error as PortInUseError).hint).toBe("Stop it, or choose another port with --web.listen-address");
});

test("finds nobody behind a free port", async () => {
  const holder = createServer();
  const port = await listenAnywhere(holder);
  await stop(holder);
  expect(await findPortOwner(port)).toBeUndefined();
});
