import { parseDashboard } from "@tatou/dashboard-model";
import { lineAndColumn, type SourcePosition } from "@tatou/model";

/** One query of a panel, with the place of its text. */
export interface PanelExpression {
  readonly panel: string;
  /** Grafana's variables filled in with something that parses. */
  readonly text: string;
  /** Whether the dashboard's own variables stand in it: what they become is not known here. */
  readonly hasVariables: boolean;
  readonly position: SourcePosition;
}

export interface DashboardFile {
  readonly file: string;
  readonly title: string;
  readonly expressions: readonly PanelExpression[];
}

/**
 * Reads the queries of a dashboard.
 * @throws {DashboardFormatError} it is none
 */
export function readDashboardFile(text: string, file: string): DashboardFile {
  const dashboard = parseDashboard(text);
  let searchFrom = 0;
  const expressions = dashboard.rows.flatMap(({ panels }) =>
    panels.flatMap(({ title, targets }) =>
      targets
        .filter(({ expression }) => expression.trim() !== "")
        .map(({ expression }): PanelExpression => {
          const quoted = JSON.stringify(expression);
          const next = text.indexOf(quoted, searchFrom);
          const offset = next === -1 ? text.indexOf(quoted) : next;
          if (next !== -1) searchFrom = next + quoted.length;
          const position = offset === -1 ? { line: 1, column: 1 } : lineAndColumn(text, offset + 1);
          return { panel: title, ...withoutVariables(expression), position: { file, ...position } };
        }),
    ),
  );
  return { file, title: dashboard.title, expressions };
}

const builtIn = /\$\{?__(?:rate_interval|interval|range)(?:_ms|_s)?\}?/g;
const variable = /\$\{\w+(?::[^}]*)?\}|\$\w+|\[\[\w+(?::[^\]]*)?\]\]/g;

/** A range of an hour is long enough for every interval; what is between quotes becomes a pattern for anything. */
function withoutVariables(expression: string): { readonly text: string; readonly hasVariables: boolean } {
  const filled = expression.replaceAll(builtIn, "1h");
  const hasVariables = filled.search(variable) !== -1;
  return { text: filled.replaceAll(variable, "1h"), hasVariables };
}
