// One platform in a process of its own, for the benches: tells its port, and what processor time and memory it took when asked.
// With TATOU_BENCH_METRICS=off nothing is counted, so that the difference is what counting costs.
import { createSteadyClock } from "@tatou/http";
import { createServer, readServerSettings } from "@tatou/server";
import { ServerMetrics } from "../../apps/server/dist/metrics/server-metrics.js";

if (process.env.TATOU_BENCH_METRICS === "off") {
  for (const name of Object.getOwnPropertyNames(ServerMetrics.prototype))
    if (/^(count|observe)/.test(name)) ServerMetrics.prototype[name] = () => undefined;
}
const server = await createServer({
  settings: readServerSettings(process.env),
  clock: createSteadyClock(),
  log: { write: () => undefined },
});
const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss() });
});
process.on("disconnect", () => process.exit(0));
process.send({ port });
