/** Turns carriers, which are places for tokens in a document, into watermark methods. */
import { PdfOperationError, SecretNotFoundError, WatermarkDisagreementError, WatermarkKeyError } from "./errors.ts";
import { guarded, openDocument, openForChange, type PdfDocument, writeDocument } from "./pdf-document.ts";
import { deriveSealKeys, openToken, type SealKeys, sealSecret } from "./sealed-token.ts";
import { checkInput, checkKey, watermarkLimits } from "./watermark-limits.ts";
import type { WatermarkMethod } from "./watermark-method.ts";

/** A place in a document that holds tokens. */
export interface TokenCarrier {
  /** Of the method that uses this place alone; tokens are bound to it. */
  readonly name: string;

  /** Adds a token to those that are there already. */
  place(document: PdfDocument, token: string): void;

  /** @returns at most 64 tokens, newest first */
  find(document: PdfDocument): readonly string[];
}

interface MethodParts {
  readonly name: string;
  readonly description: string;
  /** In the order they are read; each carries the same secret in a token of its own. */
  readonly carriers: readonly TokenCarrier[];
}

export function sealedMethod({ name, description, carriers }: MethodParts): WatermarkMethod {
  return {
    name,
    description,
    async isApplicable(pdf) {
      try {
        await place(pdf, carriers, () => longestToken);
        return true;
      } catch (error) {
        if (error instanceof PdfOperationError) return false;
        throw error;
      }
    },
    async add(pdf, input) {
      checkInput(input);
      const keys = await deriveSealKeys(input.key);
      const document = await place(pdf, carriers, (carrier) => sealSecret(keys, carrier.name, input.secret));
      return writeDocument(document, pdf.length);
    },
    async read(pdf, key) {
      checkKey(key);
      const found = await find(pdf, carriers);
      if (found.every(({ tokens }) => tokens.length === 0)) throw new SecretNotFoundError(name);
      const opened = openLayers(await deriveSealKeys(key), found);
      const [first] = opened;
      if (first === undefined) throw new WatermarkKeyError(name);
      if (opened.some(({ secret }) => secret !== first.secret)) {
        throw new WatermarkDisagreementError(opened.map(({ method }) => method));
      }
      return first.secret;
    },
  };
}

/** What applicability is tried with: no secret takes more room. */
const longestToken = `TWM1.${"A".repeat(Math.ceil(((12 + watermarkLimits.secretMaxBytes + 16) * 4) / 3))}`;

async function place(
  pdf: Uint8Array,
  carriers: readonly TokenCarrier[],
  tokenFor: (carrier: TokenCarrier) => string,
): Promise<PdfDocument> {
  const document = await openForChange(pdf);
  return guarded(async () => {
    for (const carrier of carriers) carrier.place(document, tokenFor(carrier));
    return document;
  });
}

interface FoundTokens {
  readonly carrier: TokenCarrier;
  readonly tokens: readonly string[];
}

async function find(pdf: Uint8Array, carriers: readonly TokenCarrier[]): Promise<readonly FoundTokens[]> {
  const document = await openDocument(pdf);
  return guarded(async () => carriers.map((carrier) => ({ carrier, tokens: carrier.find(document) })));
}

interface OpenedLayer {
  readonly method: string;
  readonly secret: string;
}

/** Of each carrier the newest token that opens. */
function openLayers(keys: SealKeys, found: readonly FoundTokens[]): readonly OpenedLayer[] {
  return found.flatMap(({ carrier, tokens }) => {
    for (const token of tokens) {
      const secret = openToken(keys, carrier.name, token);
      if (secret !== null) return [{ method: carrier.name, secret }];
    }
    return [];
  });
}
