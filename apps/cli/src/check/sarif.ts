import { type CheckReport, type FindingSeverity, findingCodes } from "@tatou/assurance";
import { ownVersion } from "../version.ts";

const levels: Readonly<Record<FindingSeverity, string>> = { error: "error", warning: "warning", info: "note" };

/**
 * The report as code hosts read it.
 * @see SARIF 2.1.0, OASIS
 */
export function sarifReport({ findings }: CheckReport): object {
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "tatou check",
            version: ownVersion(),
            rules: Object.entries(findingCodes).map(([id, text]) => ({ id, shortDescription: { text } })),
          },
        },
        results: findings.map(({ code, severity, message, hint, position }) => ({
          ruleId: code,
          level: levels[severity],
          message: { text: `${message}. ${hint}` },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: encodeURI(position.file) },
                region: { startLine: position.line, startColumn: position.column },
              },
            },
          ],
        })),
      },
    ],
  };
}
