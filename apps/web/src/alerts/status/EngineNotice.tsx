import { browserClock } from "../../shared/clock.ts";
import { formatRelative } from "../../shared/format/time.ts";
import { Problem } from "../../shared/states/Problem.tsx";
import { useOwnStatus } from "./use-own-status.ts";

/** Says it loudly when an empty list of alerts means nothing: the engine is silent, or the routes could not be read. */
export function EngineNotice() {
  const status = useOwnStatus();
  if (!status.isSuccess) return null;
  const { engine, configuration } = status.data;
  const notices = [];
  if (engine?.silentSince !== null && engine?.silentSince !== undefined) {
    const since = formatRelative(Date.parse(engine.silentSince), browserClock.nowMs());
    notices.push({
      code: "engine_silent",
      message: `The engine is silent since ${since}: ${engine.reason ?? "no Watchdog arrives"}`,
      hint: "What was firing is held, not resolved. New attacks are not seen until the engine is back",
    });
  }
  const { problem } = configuration;
  if (problem !== null) {
    const place = problem.file === null ? "" : ` (${problem.file}:${problem.line ?? 1}:${problem.column ?? 1})`;
    notices.push({
      code: "configuration",
      message: `The newest configuration is not in force${place}: ${problem.message}`,
      ...(problem.hint !== null && { hint: problem.hint }),
    });
  }
  return notices.map((notice) => (
    <div key={notice.code} style={{ marginBottom: 14 }}>
      <Problem diagnostic={notice} />
    </div>
  ));
}
