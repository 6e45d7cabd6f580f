import type { WatermarkInput } from "./watermark-method.ts";

/** In bytes of UTF-8; the longest secret is a mail address. */
export const watermarkLimits = { secretMaxBytes: 320, keyMaxBytes: 1_024 } as const;

/** @throws {RangeError} a limit is broken; the message names it */
export function checkInput(input: WatermarkInput): void {
  checkText("secret", input.secret, watermarkLimits.secretMaxBytes);
  checkKey(input.key);
}

/** @throws {RangeError} the key is empty, too long, or not Unicode */
export function checkKey(key: string): void {
  checkText("key", key, watermarkLimits.keyMaxBytes);
}

function checkText(what: string, text: string, maxBytes: number): void {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length < 1 || bytes.length > maxBytes) {
    throw new RangeError(
      `Cannot mark: the ${what} has ${bytes.length} bytes, expected 1 to ${maxBytes} bytes of UTF-8`,
    );
  }
  // Half a surrogate pair would come back as another character.
  if (bytes.toString("utf8") !== text) throw new RangeError(`Cannot mark: the ${what} is not well-formed Unicode`);
}
