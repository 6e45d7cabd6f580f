// npm run bench:server, second half: wrong logins from many addresses at once, as `--rate` a second for `--seconds`, while one
// user who has been here before works on: logs in every two seconds, lists documents five times a second. Printed are what both
// sides got, how long the user waited, the number of series and the memory of the platform over time (Linux: the sources are addresses of 127.0.0.0/8).
import { Agent, request } from "node:http";
import { parseArgs } from "node:util";
import { quantile, signIn, startPlatform } from "./lib/platform.mjs";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    rate: { type: "string", default: "200" },
    sources: { type: "string", default: "1000" },
    accounts: { type: "string", default: "500" },
  },
});
const [seconds, rate, sources, accounts] = ["seconds", "rate", "sources", "accounts"].map((name) =>
  Number(values[name]),
);
const user = { email: "user@example.org", login: "user", password: "correct horse battery" };

const platform = await startPlatform();
const attackers = new Agent({ keepAlive: false });
const users = new Agent({ keepAlive: true });
const statuses = { storm: new Map(), login: new Map(), list: new Map() };
const waitsMs = { storm: [], login: [], list: [] };
try {
  const headers = await signIn(platform.url, user);
  await report("before");
  const jobs = [];
  const startedMs = performance.now();
  const at = (ms, job) => setTimeout(() => jobs.push(job()), startedMs + ms - performance.now());
  const total = seconds * rate;
  // One timer for each tenth of a second keeps the generator itself cheap.
  for (let tick = 0; tick < seconds * 10; tick++) {
    at(tick * 100, async () => {
      for (let index = Math.round((tick * rate) / 10); index < Math.round(((tick + 1) * rate) / 10); index++)
        if (index < total) jobs.push(attack(index));
    });
  }
  for (let ms = 0; ms < seconds * 1000; ms += 200) at(ms, () => send("list", { path: "/api/list-documents", headers }));
  for (let ms = 0; ms < seconds * 1000; ms += 2000)
    at(ms, () => send("login", { path: "/api/login", body: { email: user.email, password: user.password } }));
  for (let second = 10; second <= seconds; second += 10) {
    await new Promise((resolve) => setTimeout(resolve, startedMs + second * 1000 - performance.now()));
    await report(`after ${second} s`);
  }
  await Promise.all(jobs);
  for (const name of Object.keys(statuses)) {
    const counts = [...statuses[name]]
      .sort(([a], [b]) => String(a).localeCompare(String(b)))
      .map(([status, count]) => `${count} x ${status}`);
    const p = (share) => `${quantile(waitsMs[name], share).toFixed(0)} ms`;
    console.log(`${name.padEnd(5)}  ${counts.join(", ")};  p50 ${p(0.5)}, p95 ${p(0.95)}, p99 ${p(0.99)}`);
  }
} finally {
  attackers.destroy();
  users.destroy();
  await platform.close();
}

function attack(index) {
  const source = index % sources;
  const localAddress = `127.1.${Math.floor(source / 250)}.${1 + (source % 250)}`;
  const body = { email: `victim${index % accounts}@example.org`, password: `guess-${index}-guess` };
  return send("storm", { path: "/api/login", body, localAddress });
}

function send(name, { path, headers = {}, body, localAddress }) {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const done = (status) => {
      waitsMs[name].push(performance.now() - startedMs);
      statuses[name].set(status, (statuses[name].get(status) ?? 0) + 1);
      resolve();
    };
    const sent = request(
      {
        host: "127.0.0.1",
        port: platform.port,
        path,
        method: body === undefined ? "GET" : "POST",
        headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        agent: localAddress === undefined ? users : attackers,
        localAddress,
      },
      (response) => response.resume().once("end", () => done(response.statusCode)),
    );
    sent.once("error", ({ code }) => done(code));
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function report(when) {
  const exposition = await (await fetch(`${platform.url}/metrics`)).text();
  const seriesCount = exposition.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length;
  const { cpuMs, rssBytes } = await platform.usage();
  console.log(
    `${when.padEnd(10)}  ${seriesCount} series, ${(rssBytes / 2 ** 20).toFixed(0)} MiB, processor ${(cpuMs / 1000).toFixed(1)} s`,
  );
}
