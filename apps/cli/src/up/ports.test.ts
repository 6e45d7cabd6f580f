import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { PortInUseError } from "@tatou/http";
import { afterEach, expect, test, vi } from "vitest";
import { portProblems } from "./ports.ts";
import { upSettings } from "./testing/up-settings.ts";

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
  vi.unstubAllGlobals();
});

async function takePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  open.push(server);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

test("every taken port is named with its flag, and free ones are not", async () => {
  const host = "127.0.0.1";
  const free = { host, port: 0 };
  const [engine, alerts] = [await takePort(), await takePort()];
  const problems = await portProblems(
    upSettings({ server: free, engine: { host, port: engine }, alerts: { host, port: alerts }, dashboards: free }),
  );
  expect(problems.map(({ message }) => message.slice(0, message.indexOf(":", 30)))).toEqual([
    `Cannot listen on 127.0.0.1:${engine}`,
    `Cannot listen on 127.0.0.1:${alerts}`,
  ]);
  expect(problems.map((problem) => /--\w+\.listen/.exec((problem as PortInUseError).hint)?.[0])).toEqual([
    "--engine.listen",
    "--alerts.listen",
  ]);
});

test.each([
  { platform: "darwin", port: 5000, hint: /^On macOS the AirPlay Receiver holds port 5000: .*--server\.listen$/ },
  { platform: "darwin", port: 9090, hint: /^Find it with "lsof -i :9090"/ },
  { platform: "win32", port: 5000, hint: /^Find it with "netstat -ano/ },
])("on $platform port $port is explained", ({ platform, port, hint }) => {
  vi.stubGlobal("process", Object.create(process, { platform: { value: platform } }));
  const error = new PortInUseError({ address: `127.0.0.1:${port}`, port }, { listenFlag: "--server.listen" });
  expect(error.hint).toMatch(hint);
});
