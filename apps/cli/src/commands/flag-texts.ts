import { formatBase2Bytes } from "@tatou/config";
import { formatDurationMs } from "@tatou/model";

interface FlagOption {
  readonly long?: string | null | undefined;
  readonly flags: string;
  /** Of an option that only switches another one off. */
  readonly negate?: boolean;
  attributeName(): string;
}

/** The resolved flags of a program as texts, by name without dashes: what /api/v1/status/flags answers. */
export function flagTexts(
  options: readonly FlagOption[],
  values: Readonly<Record<string, unknown>>,
): Record<string, string> {
  return Object.fromEntries(
    options
      .filter(({ negate }) => negate !== true)
      .map((option) => {
        const name = (option.long ?? "").replace(/^--/, "");
        return [name, flagText(values[option.attributeName()], option.flags)];
      }),
  );
}

function flagText(value: unknown, flags: string): string {
  if (flags.includes("<duration>")) return formatDurationMs(typeof value === "number" ? value : 0);
  if (flags.includes("<bytes>")) return formatBase2Bytes(typeof value === "number" ? value : 0);
  if (value instanceof Map) return [...value.keys()].join(",");
  if (Array.isArray(value)) return value.join(",");
  if (typeof value === "string" || typeof value === "number") return String(value);
  // Nobody set it: an empty text, or a switch that is off.
  return value === undefined && flags.includes("<") ? "" : String(value === true);
}
