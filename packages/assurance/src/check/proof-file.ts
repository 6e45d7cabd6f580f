import { lineAndColumn, parseDurationMs, type SourcePosition } from "@tatou/model";
import { isMap, isScalar, isSeq, parseDocument } from "yaml";

/** What is promised about one alert. */
export interface AlertProof {
  readonly alert: string;
  readonly position: SourcePosition;
  /** A path from the root of the project; null when there is none. */
  readonly runbook: string | null;
  readonly drills: readonly string[];
  /** Whether the file says why there is no drill. */
  readonly isExcused: boolean;
  /** From the first request of the attack until enough has happened. */
  readonly rampMs: number;
  /** null when no budget is set. */
  readonly maxDetectMs: number | null;
  readonly maxDetectPosition: SourcePosition;
}

export interface ProofFile {
  readonly file: string;
  readonly alerts: ReadonlyMap<string, AlertProof>;
}

/**
 * Reads what proves each alert: a map `alerts` by name, with `runbook`, `drills`, `undrilled`, `ramp` and `max_detect`.
 * @throws {SyntaxError} the text is no YAML
 */
export function readProofFile(text: string, file: string): ProofFile {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw new SyntaxError(error.message);
  const at = (node: unknown): SourcePosition => {
    const offset = isScalar(node) || isMap(node) ? (node.range?.[0] ?? 0) : 0;
    return { file, ...lineAndColumn(text, offset) };
  };
  const alerts = new Map<string, AlertProof>();
  const entries = document.get("alerts");
  if (!isMap(entries)) return { file, alerts };
  for (const { key, value } of entries.items) {
    if (!isScalar(key) || typeof key.value !== "string" || !isMap(value)) continue;
    const drills = value.get("drills");
    alerts.set(key.value, {
      alert: key.value,
      position: at(key),
      runbook: textOf(value.get("runbook")),
      drills: isSeq(drills) ? drills.items.flatMap((item) => (isScalar(item) ? [String(item.value)] : [])) : [],
      isExcused: textOf(value.get("undrilled")) !== null,
      rampMs: durationOf(value.get("ramp")) ?? 0,
      maxDetectMs: durationOf(value.get("max_detect")),
      maxDetectPosition: at(value.get("max_detect", true)),
    });
  }
  return { file, alerts };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

/** @throws {DurationSyntaxError} */
function durationOf(value: unknown): number | null {
  const text = typeof value === "number" ? String(value) : textOf(value);
  return text === null ? null : parseDurationMs(text);
}
