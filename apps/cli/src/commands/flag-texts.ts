import { formatDurationMs } from "@tatou/model";

interface FlagOption {
  readonly long?: string | null | undefined;
  readonly flags: string;
  attributeName(): string;
}

/** The resolved flags of a program as texts, by name without dashes: what /api/v1/status/flags answers. */
export function flagTexts(
  options: readonly FlagOption[],
  values: Readonly<Record<string, unknown>>,
): Record<string, string> {
  return Object.fromEntries(
    options.map((option) => {
      const name = (option.long ?? "").replace(/^--/, "");
      return [name, flagText(values[option.attributeName()], option.flags)];
    }),
  );
}

function flagText(value: unknown, flags: string): string {
  if (flags.includes("<duration>") && typeof value === "number") return formatDurationMs(value);
  if (value instanceof Map) return [...value.keys()].join(",");
  if (Array.isArray(value)) return value.join(",");
  if (typeof value === "string" || typeof value === "number") return String(value);
  // Nobody set it: an empty text, or a switch that is off.
  return value === undefined && flags.includes("<") ? "" : String(value === true);
}
