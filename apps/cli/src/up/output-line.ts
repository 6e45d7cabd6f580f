const loudLevels = new Set(["warn", "error", "fatal"]);

/**
 * What of a line that a program logged is worth a person's look; null for the rest. Programs log JSON lines: everything
 * from a warning up is shown. Security events are not: under an attack they come by the hundred, and what they mean is
 * the business of the alerts.
 */
export function messageForPeople(line: string): string | null {
  if (line.trim() === "") return null;
  if (!line.startsWith("{")) return line;
  const entry = parseEntry(line);
  if (entry === null) return line;
  const isLoud = typeof entry.level === "number" ? entry.level >= 40 : loudLevels.has(String(entry.level));
  if (!isLoud || entry.msg === "security event") return null;
  const reason = entry.err?.message === undefined ? "" : `: ${entry.err.message}`;
  return `${entry.msg ?? line}${reason}`;
}

interface LogEntry {
  readonly level?: unknown;
  readonly msg?: string;
  readonly err?: { readonly message?: string };
}

function parseEntry(line: string): LogEntry | null {
  try {
    return JSON.parse(line) as LogEntry;
  } catch {
    return null;
  }
}

/** Why a program died, in one line, from what it wrote on standard error; null when it wrote nothing. */
export function deathReason(errorLines: readonly string[]): string | null {
  const lines = errorLines.map((line) => line.trim()).filter((line) => line !== "" && !/^Node\.js v\d/.test(line));
  const named = lines.find((line) => /^(?:Uncaught )?(?:[A-Z]\w*Error\b|FATAL ERROR:)/.test(line));
  return named ?? lines.find((line) => !line.startsWith("at ")) ?? null;
}

const rememberedCountMax = 200;
const quietMs = 600_000;

/** Holds back what was just said: a fault that lasts is told every ten minutes, not with every attempt. */
export class RepeatFilter {
  readonly #saidMs = new Map<string, number>();

  /** Whether the message is to be shown now. */
  isNews(message: string, nowMs: number): boolean {
    const saidMs = this.#saidMs.get(message);
    if (saidMs !== undefined && nowMs - saidMs < quietMs) return false;
    this.#saidMs.delete(message);
    this.#saidMs.set(message, nowMs);
    const [oldest] = this.#saidMs.keys();
    if (this.#saidMs.size > rememberedCountMax) this.#saidMs.delete(oldest!);
    return true;
  }
}
