import { parseFloatGo } from "@tatou/kernels";
import { parseDurationMs } from "@tatou/model";
import { scanString } from "./scan-string.ts";
import type { Token } from "./token.ts";
import type { TokenStream } from "./token-stream.ts";

/** Reads what Go reads as an integer in any base (0x1f, 0755, 1_000) or else as a float. @throws {QuerySyntaxError} */
export function parseNumber(stream: TokenStream, token: Token): number {
  const value = parseInteger(token.text) ?? parseFloatGo(token.text);
  if (value !== null) return value;
  return stream.fail(
    `error parsing number: strconv.ParseFloat: parsing ${JSON.stringify(token.text)}: invalid syntax`,
    token.span,
    "Write a number such as 12, 0.5, 1e3 or 0x1F",
  );
}

/** @throws {QuerySyntaxError} with the wording of Prometheus' duration parser */
export function durationSeconds(stream: TokenStream, token: Token): number {
  try {
    return parseDurationMs(token.text) / 1000;
  } catch (error) {
    return stream.fail(
      (error as Error).message,
      token.span,
      "Write units from the largest to the smallest, as in 1h30m",
    );
  }
}

/** What a string token says. */
export function stringValue(token: Token): string {
  const scan = scanString(token.text, 0);
  return scan.kind === "string" ? scan.value : "";
}

/** null when the text is no integer below 2^63; the float parser then has its turn. */
function parseInteger(text: string): number | null {
  const form = integerForms.find(({ pattern }) => pattern.test(text));
  if (form === undefined) return null;
  const digits = text.slice(form.prefixLength).replaceAll("_", "");
  const value = BigInt(form.bigIntPrefix + digits);
  return value < 2n ** 63n ? Number(value) : null;
}

/** A digit may be preceded by one underscore, also right after the prefix. */
const integerForms = [
  { pattern: /^0[xX](?:_?[0-9a-fA-F])+$/, prefixLength: 2, bigIntPrefix: "0x" },
  { pattern: /^0[bB](?:_?[01])+$/, prefixLength: 2, bigIntPrefix: "0b" },
  { pattern: /^0[oO](?:_?[0-7])+$/, prefixLength: 2, bigIntPrefix: "0o" },
  { pattern: /^0(?:_?[0-7])+$/, prefixLength: 1, bigIntPrefix: "0o" },
  { pattern: /^(?:0|[1-9](?:_?[0-9])*)$/, prefixLength: 0, bigIntPrefix: "" },
] as const;
