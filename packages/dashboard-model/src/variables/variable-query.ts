/** What a query variable asks a Prometheus data source. */
export type VariableQuery =
  | { readonly kind: "labelNames"; readonly match?: string }
  | { readonly kind: "labelValues"; readonly label: string; readonly match?: string }
  | { readonly kind: "metricNames"; readonly pattern: string }
  | { readonly kind: "expression"; readonly expression: string }
  | { readonly kind: "series"; readonly match: string };

/**
 * Reads the query of a variable, already interpolated: label_values(up, job), label_names(), metrics(regex),
 * query_result(expression), or a bare selector, which lists series.
 */
export function parseVariableQuery(query: string): VariableQuery {
  const text = query.trim();
  const call = /^(label_values|label_names|metrics|query_result)\((.*)\)\s*$/s.exec(text);
  const inside = (call?.[2] ?? "").trim();
  switch (call?.[1]) {
    case "label_names":
      return inside === "" ? { kind: "labelNames" } : { kind: "labelNames", match: inside };
    case "metrics":
      return { kind: "metricNames", pattern: inside };
    case "query_result":
      return { kind: "expression", expression: inside };
    case "label_values":
      return parseLabelValues(inside);
    default:
      return { kind: "series", match: text };
  }
}

/** The label is what follows the last comma outside of braces and quotes. */
function parseLabelValues(inside: string): VariableQuery {
  const match = /^(.*),\s*"?([\p{L}_:][\p{L}\p{N}_.:-]*)"?$/su.exec(inside);
  if (match === null) return { kind: "labelValues", label: inside.replaceAll('"', "") };
  const selector = (match[1] ?? "").trim();
  const label = match[2] ?? "";
  return selector === "" ? { kind: "labelValues", label } : { kind: "labelValues", label, match: selector };
}
