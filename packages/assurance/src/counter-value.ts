import { ExpositionParser } from "@tatou/exposition";
import { labelValue, metricNameLabel } from "@tatou/model";

/**
 * The value of a counter for one client address in an exposition, all its other labels added up; 0 when it has none.
 * @throws {ExpositionSyntaxError} the text is no exposition
 */
export function counterValue(exposition: Uint8Array, metricName: string, clientIp: string): number {
  const parser = new ExpositionParser(exposition, "text");
  let sum = 0;
  for (let entry = parser.next(); entry !== "end"; entry = parser.next()) {
    if (entry !== "series") continue;
    const labels = parser.labels();
    if (labelValue(labels, metricNameLabel) === metricName && labelValue(labels, "client_ip") === clientIp)
      sum += parser.value;
  }
  return sum;
}
