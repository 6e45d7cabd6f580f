// The engine's side of the soak: writes tick after tick, and evaluates what its parent asks, over the store, between ticks.
//   node --import tsx tests/storage/soak-engine.ts DIRECTORY FIRST_TICK SERIES SPEED   (with an IPC channel)
import { nodeYieldTurn } from "@tatou/http";
import { fastClock } from "./fast-clock.ts";
import { historySeries, tickTimeMs } from "./history.ts";
import { appendTick } from "./history-writer.ts";
import { openStore } from "./open-store.ts";
import { type Question, resultText } from "./soak-questions.ts";

const [directory = "", ...numbers] = process.argv.slice(2);
const [firstTick = 0, seriesCount = 0, speed = 600] = numbers.map(Number);
const clock = fastClock(tickTimeMs(firstTick), speed);
const series = historySeries(seriesCount);
const say = (kind: string) => (text: string) => void process.send?.({ kind, text });
const store = await openStore(directory, clock, {
  hasWorker: true,
  log: { info: say("info"), warn: say("warning"), error: say("error") },
});

process.on("message", (question: Question) => {
  void resultText(store, question, nodeYieldTurn).then((text) =>
    process.send?.({ kind: "answer", id: question.id, text }),
  );
});
process.on("disconnect", () => process.exit(1));
for (let tick = firstTick; ; tick++) {
  await clock.sleepUntil(tickTimeMs(tick));
  appendTick(store, series, tick);
  process.send?.({ kind: "tick", tick });
}
