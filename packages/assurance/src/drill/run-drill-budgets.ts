import { readProofFile } from "../check/proof-file.ts";

/**
 * The longest acceptable times to tell somebody, by alert: `max_detect` of a proof/alerts.yml.
 * @throws {SyntaxError} the text is no YAML
 * @throws {DurationSyntaxError}
 */
export function readBudgets(text: string, file: string): ReadonlyMap<string, number> {
  const proofs = [...readProofFile(text, file).alerts.values()];
  return new Map(proofs.flatMap(({ alert, maxDetectMs }) => (maxDetectMs === null ? [] : [[alert, maxDetectMs]])));
}
