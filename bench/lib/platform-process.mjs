// One platform in a process of its own, for the benches: tells its port, and when asked what processor time and memory it took.
// Told to be silent, it counts nothing until told to count again, so that one process can be compared with itself.
import { createSteadyClock } from "@tatou/http";
import { createServer, readServerSettings } from "@tatou/server";
import { Counter, Gauge, Histogram } from "prom-client";
import { ServerMetrics } from "../../apps/server/dist/metrics/server-metrics.js";

const counting = [ServerMetrics, Counter, Gauge, Histogram].flatMap(({ prototype }) =>
  Object.getOwnPropertyNames(prototype)
    .filter((name) => /^(count|observe|inc|dec|set)/.test(name) && typeof prototype[name] === "function")
    .map((name) => ({ prototype, name, method: prototype[name] })),
);
const server = await createServer({
  settings: readServerSettings(process.env),
  clock: createSteadyClock(),
  log: { write: () => undefined },
});
const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
process.on("message", ({ isCounting }) => {
  if (isCounting !== undefined)
    for (const { prototype, name, method } of counting) prototype[name] = isCounting ? method : () => undefined;
  const { user, system } = process.cpuUsage();
  process.send({ cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss() });
});
process.on("disconnect", () => process.exit(0));
process.send({ port });
