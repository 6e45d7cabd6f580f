import * as fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import {
  candidateCountMax,
  deriveSealKeys,
  findTokens,
  mergeCandidates,
  openToken,
  type SealKeys,
  sealSecret,
} from "./sealed-token.ts";

let keys: SealKeys;
let otherKeys: SealKeys;

beforeAll(async () => {
  [keys, otherKeys] = await Promise.all([deriveSealKeys("unit-test-key"), deriveSealKeys("another key")]);
});

const secrets = fc.string({ unit: "binary", minLength: 1, maxLength: 80 });
const methods = fc.constantFrom("metadata-xmp", "object-stream", "invisible-text");

test("a token is what another implementation of the format makes", () => {
  // Made with Python's hashlib and cryptography.
  const token = "TWM1.udig6XQF0UtnCATMrZZ7_jDslf39GvR6n8yaQIJXBvD06sY";
  expect(sealSecret(keys, "layered", "Jürgen")).toBe(token);
  expect(openToken(keys, "layered", token)).toBe("Jürgen");
});

test("a token opens with its key and method, and with nothing else", () =>
  fc.assert(
    fc.property(secrets, methods, (secret, method) => {
      const token = sealSecret(keys, method, secret);
      expect(sealSecret(keys, method, secret)).toBe(token);
      expect(findTokens(`(${token}.)`)).toEqual([token]);
      expect(openToken(keys, method, token)).toBe(secret);
      expect(openToken(otherKeys, method, token)).toBeNull();
      expect(openToken(keys, "layered", token)).toBeNull();
    }),
  ));

test("a token that was altered does not open", () =>
  fc.assert(
    fc.property(secrets, fc.nat(), fc.integer({ min: 1, max: 255 }), (secret, place, change) => {
      const token = sealSecret(keys, "layered", secret);
      const bytes = Buffer.from(token.slice(5), "base64url");
      const index = place % bytes.length;
      bytes[index] = (bytes[index] ?? 0) ^ change;
      expect(openToken(keys, "layered", `TWM1.${bytes.toString("base64url")}`)).toBeNull();
      expect(openToken(keys, "layered", token.slice(0, -1 - (place % 20)))).toBeNull();
    }),
  ));

test("keys that look the same are the same", async () => {
  const [composed, decomposed] = await Promise.all([deriveSealKeys("cl\u00e9"), deriveSealKeys("cle\u0301")]);
  expect(composed).toEqual(decomposed);
});

test("the newest of every list comes before the second of any, each once", () => {
  expect(mergeCandidates([["new", "old"], [], ["new", "older"], ["other"]])).toEqual(["new", "other", "old", "older"]);
  expect(mergeCandidates([Array.from({ length: 500 }, (_, index) => `${index}`)])).toHaveLength(candidateCountMax);
});
