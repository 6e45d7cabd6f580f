import { browserClock } from "../../shared/clock.ts";
import { formatClock, formatElapsed } from "../../shared/format/time.ts";
import { Problem } from "../../shared/states/Problem.tsx";
import classes from "../alerts.module.css";
import type { OwnStatus } from "../alerts-api.ts";
import { useOwnStatus } from "./use-own-status.ts";

/** Says it loudly when an empty list of alerts means nothing: the engine is silent, or the routes could not be read. */
export function EngineNotice() {
  const status = useOwnStatus();
  if (status.data === undefined) return null;
  const { engine, configuration } = status.data;
  return (
    <>
      {engine !== null && engine.silentSince !== null && <EngineSilent engine={engine} since={engine.silentSince} />}
      {configuration.problem !== null && <NotInForce problem={configuration.problem} />}
    </>
  );
}

interface EngineSilentProps {
  readonly engine: NonNullable<OwnStatus["engine"]>;
  readonly since: string;
}

function EngineSilent({ engine, since }: EngineSilentProps) {
  const sinceMs = Date.parse(since);
  if (engine.state === "returning")
    return (
      <div className={classes.returned} role="status">
        <strong className={classes.loudTitle}>The engine is back; it was silent from {formatClock(sinceMs)} on</strong>
        <div>It has a minute to send again what still fires. What it does not send then ends.</div>
      </div>
    );
  const silentMs = Math.max(0, browserClock.nowMs() - sinceMs);
  return (
    <div className={classes.loud} role="alert">
      <strong className={classes.loudTitle}>
        The engine is silent for {formatElapsed(silentMs)}, since {formatClock(sinceMs)}
      </strong>
      <div>New attacks are not noticed until it is back. What was firing is held below: it is not resolved.</div>
      {engine.reason !== null && <div>Reason: {engine.reason}</div>}
      {engine.url !== null && (
        <div>
          Look at <a href={engine.url}>{engine.url}</a>, its process and its log; then start it again.
        </div>
      )}
    </div>
  );
}

function NotInForce({ problem }: { readonly problem: NonNullable<OwnStatus["configuration"]["problem"]> }) {
  const place = problem.file === null ? "" : ` (${problem.file}:${problem.line ?? 1}:${problem.column ?? 1})`;
  const message = `The newest configuration is not in force${place}: ${problem.message}`;
  return (
    <div className={classes.notice}>
      <Problem diagnostic={{ code: "configuration", message, ...(problem.hint !== null && { hint: problem.hint }) }} />
    </div>
  );
}
