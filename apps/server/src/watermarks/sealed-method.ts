/**
 * Turns places for tokens into watermark methods. What works on files is loaded when it is first used: a server that
 * leaves the work to threads knows the methods without paying for them.
 */
import { PdfOperationError, SecretNotFoundError, WatermarkDisagreementError, WatermarkKeyError } from "./errors.ts";
import { deriveSealKeys, openToken, type SealKeys, sealSecret } from "./sealed-token.ts";
import type { CarrierName } from "./token-carrier.ts";
import { checkInput, checkKey, watermarkLimits } from "./watermark-limits.ts";
import type { WatermarkInput, WatermarkMethod } from "./watermark-method.ts";

interface MethodParts {
  readonly name: string;
  readonly description: string;
  /** In the order they are read; each carries the same secret in a token of its own. */
  readonly carriers: readonly CarrierName[];
}

export function sealedMethod({ name, description, carriers }: MethodParts): WatermarkMethod {
  return {
    name,
    description,
    isApplicable: (pdf) => isApplicable(pdf, carriers),
    add: (pdf, input) => add(pdf, input, carriers),
    async read(pdf, key) {
      checkKey(key);
      const { tokensAt } = await import("./carry-tokens.ts");
      const found = await tokensAt(pdf, carriers);
      if (found.every((tokens) => tokens.length === 0)) throw new SecretNotFoundError(name);
      const keys = await deriveSealKeys(key);
      const opened = carriers.flatMap((carrier, index) => openLayer(keys, carrier, found[index] ?? []));
      const [first] = opened;
      if (first === undefined) throw new WatermarkKeyError(name);
      if (opened.some(({ secret }) => secret !== first.secret)) {
        throw new WatermarkDisagreementError(opened.map(({ carrier }) => carrier));
      }
      return first.secret;
    },
  };
}

/** What applicability is tried with: no secret takes more room. */
const longestToken = `TWM1.${"A".repeat(Math.ceil(((12 + watermarkLimits.secretMaxBytes + 16) * 4) / 3))}`;

async function isApplicable(pdf: Uint8Array, carriers: readonly CarrierName[]): Promise<boolean> {
  const { tryTokens } = await import("./carry-tokens.ts");
  try {
    await tryTokens(
      pdf,
      carriers.map((place) => ({ place, token: longestToken })),
    );
    return true;
  } catch (error) {
    if (error instanceof PdfOperationError) return false;
    throw error;
  }
}

async function add(pdf: Uint8Array, input: WatermarkInput, carriers: readonly CarrierName[]): Promise<Uint8Array> {
  checkInput(input);
  const { placeTokens } = await import("./carry-tokens.ts");
  const keys = await deriveSealKeys(input.key);
  const places = carriers.map((place) => ({ place, token: sealSecret(keys, place, input.secret) }));
  return placeTokens(pdf, places);
}

interface OpenedLayer {
  readonly carrier: CarrierName;
  readonly secret: string;
}

/** The newest token that opens. */
function openLayer(keys: SealKeys, carrier: CarrierName, tokens: readonly string[]): readonly OpenedLayer[] {
  for (const token of tokens) {
    const secret = openToken(keys, carrier, token);
    if (secret !== null) return [{ carrier, secret }];
  }
  return [];
}
