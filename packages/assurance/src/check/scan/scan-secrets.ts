import { lineAndColumn, type SourcePosition } from "@tatou/model";
import { type SourceLanguage, withoutComments } from "./source-text.ts";

/** A secret that code falls back to when nobody sets it. */
export interface SecretDefault {
  readonly name: string;
  readonly value: string;
  readonly position: SourcePosition;
}

const secret = "[A-Z0-9_]{0,60}(?:PASSWORD|SECRET|SECRET_KEY|TOKEN|API_KEY|PASSPHRASE)";

/** `os.environ.get("SECRET_KEY", "dev")`, `os.getenv(…)`, `process.env.SECRET_KEY ?? "dev"`, `process.env["…"] || "dev"`. */
const defaults: readonly RegExp[] = [
  new RegExp(
    `(?:environ\\.get|getenv)\\(\\s{0,20}["'](${secret})["']\\s{0,20},\\s{0,20}["']([^"'\\n]{1,200})["']`,
    "g",
  ),
  new RegExp(
    `process\\.env(?:\\.|\\[["'])(${secret})(?:["']\\])?\\s{0,20}(?:\\?\\?|\\|\\|)\\s{0,20}["'\`]([^"'\`\\n$]{1,200})["'\`]`,
    "g",
  ),
];

/** The secrets in a file that a program takes when its environment names none. */
export function scanSecretDefaults(written: string, file: string, language: SourceLanguage): readonly SecretDefault[] {
  if (!/environ|getenv|process\.env/.test(written)) return [];
  const text = withoutComments(written, language);
  return defaults.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(({ 1: name, 2: value, index }) => ({
      name: name!,
      value: value!,
      position: { file, ...lineAndColumn(text, index) },
    })),
  );
}
