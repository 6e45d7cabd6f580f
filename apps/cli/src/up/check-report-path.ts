/** Where `tatou up` has the report of its check written, and where the engine's page /check reads it. */
export function checkReportPath(stateDirectory: string): string {
  return `${stateDirectory}/state/check.json`;
}
