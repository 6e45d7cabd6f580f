// npm run bench:server, first half: what the metrics cost. Two platforms, one that counts and one that does not, are asked the
// same requests in turns; printed is the processor time of each pair and the median of the ratios.
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { median, signIn, startPlatform } from "./lib/platform.mjs";

const { values } = parseArgs({
  options: { pairs: { type: "string", default: "10" }, requests: { type: "string", default: "8000" } },
});
const concurrency = 16;
const user = { email: "bench@example.org", login: "bench", password: "correct horse battery" };

const platforms = {
  counting: await openPlatform({}),
  silent: await openPlatform({ TATOU_BENCH_METRICS: "off" }),
};
try {
  for (const platform of Object.values(platforms)) await run(platform, Number(values.requests));
  const ratios = [];
  for (let pair = 1; pair <= Number(values.pairs); pair++) {
    // Who is first changes, so that what slows the machine down meets both.
    const order = pair % 2 === 0 ? ["counting", "silent"] : ["silent", "counting"];
    const spentMs = {};
    for (const name of order) spentMs[name] = await run(platforms[name], Number(values.requests));
    ratios.push(spentMs.counting / spentMs.silent);
    const perRequest = (name) => `${((1000 * spentMs[name]) / Number(values.requests)).toFixed(1)} µs`;
    console.log(
      `pair ${String(pair).padStart(2)}: counting ${perRequest("counting")}, silent ${perRequest("silent")} a request, ratio ${ratios.at(-1).toFixed(3)}`,
    );
  }
  console.log(
    `metrics cost, median of ${ratios.length} pairs: ${(100 * (median(ratios) - 1)).toFixed(1)} % of the processor time`,
  );
} finally {
  for (const { platform, pool } of Object.values(platforms)) {
    await pool.destroy();
    await platform.close();
  }
}

async function openPlatform(environment) {
  const platform = await startPlatform(environment);
  const headers = await signIn(platform.url, user);
  return { platform, headers, pool: new Pool(platform.url, { connections: concurrency }) };
}

/** @returns milliseconds of processor time */
async function run({ platform, pool, headers }, count) {
  const requests = [
    { method: "GET", path: "/api/list-documents", headers },
    { method: "GET", path: "/login.html" },
    { method: "GET", path: "/api/list-documents", headers: { authorization: "Bearer forged" } },
    { method: "GET", path: "/healthz" },
    { method: "GET", path: "/api/list-versions/1", headers },
    { method: "GET", path: "/no-such-page" },
  ];
  const before = await platform.usage();
  let next = 0;
  const work = async () => {
    while (next < count) {
      const { body } = await pool.request(requests[next++ % requests.length]);
      await body.dump();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return (await platform.usage()).cpuMs - before.cpuMs;
}
