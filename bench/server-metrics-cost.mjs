// npm run bench:server, first half: what the metrics cost. One platform is asked the same requests in turns, counting and not
// counting; printed is the processor time of each pair and the median of the ratios. One process and not two, because two
// differ by more than the metrics cost.
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { median, signIn, startPlatform } from "./lib/platform.mjs";

const { values } = parseArgs({
  options: { pairs: { type: "string", default: "10" }, requests: { type: "string", default: "12000" } },
});
const [pairCount, requestCount] = [Number(values.pairs), Number(values.requests)];
const concurrency = 16;

const platform = await startPlatform();
const pool = new Pool(platform.url, { connections: concurrency });
try {
  const headers = await signIn(platform.url, {
    email: "bench@example.org",
    login: "bench",
    password: "correct horse battery",
  });
  const requests = [
    { method: "GET", path: "/api/list-documents", headers },
    { method: "GET", path: "/login.html" },
    { method: "GET", path: "/api/list-documents", headers: { authorization: "Bearer forged" } },
    { method: "GET", path: "/healthz" },
    { method: "GET", path: "/api/list-versions/1", headers },
    { method: "GET", path: "/no-such-page" },
  ];
  const ratios = [];
  // The first two warm up.
  for (let pair = -1; pair <= pairCount; pair++) {
    // Who is first changes, so that what slows the machine down meets both.
    const order = pair % 2 === 0 ? [true, false] : [false, true];
    const spentMs = {};
    for (const isCounting of order) spentMs[isCounting] = await run(requests, isCounting);
    if (pair < 1) continue;
    ratios.push(spentMs.true / spentMs.false);
    const perRequest = (isCounting) => `${((1000 * spentMs[isCounting]) / requestCount).toFixed(1)} µs`;
    console.log(
      `pair ${String(pair).padStart(2)}: ${perRequest(true)} a request counting, ${perRequest(false)} silent, ratio ${ratios.at(-1).toFixed(3)}`,
    );
  }
  const share = 100 * (median(ratios) - 1);
  console.log(`metrics cost, median of ${ratios.length} pairs: ${share.toFixed(1)} % of the processor time`);
} finally {
  await pool.destroy();
  await platform.close();
}

/** @returns milliseconds of processor time */
async function run(requests, isCounting) {
  const before = await platform.usage(isCounting);
  let next = 0;
  const work = async () => {
    while (next < requestCount) {
      const { body } = await pool.request(requests[next++ % requests.length]);
      await body.dump();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return (await platform.usage()).cpuMs - before.cpuMs;
}
