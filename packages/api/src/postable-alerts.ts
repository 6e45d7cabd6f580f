import type { PostableAlert } from "@tatou/model";
import { z } from "zod";
import { AnswerShapeError } from "./errors.ts";
import { rfc3339Text } from "./time-parameter.ts";

/** One alert in the body of POST /api/v2/alerts, the way from an engine to an Alertmanager. */
const wireAlert = z.object({
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()).optional(),
  startsAt: z.string().optional(),
  endsAt: z.string().optional(),
  generatorURL: z.string().optional(),
});

/** The JSON body for POST /api/v2/alerts. */
export function postableAlertsBody(alerts: readonly PostableAlert[]): string {
  return JSON.stringify(
    alerts.map((alert) => ({
      labels: alert.labels,
      annotations: alert.annotations,
      startsAt: rfc3339Text(alert.startsAtMs),
      endsAt: rfc3339Text(alert.endsAtMs),
      generatorURL: alert.generatorUrl,
    })),
  );
}

/**
 * Reads such a body back: what a test's Alertmanager does.
 * @throws {AnswerShapeError}
 */
export function readPostableAlerts(body: string): readonly PostableAlert[] {
  const parsed = z.array(wireAlert).safeParse(parseJson(body, "POST /api/v2/alerts"));
  if (!parsed.success) throw new AnswerShapeError("POST /api/v2/alerts", z.prettifyError(parsed.error));
  return parsed.data.map((alert) => ({
    labels: alert.labels,
    annotations: alert.annotations ?? {},
    startsAtMs: Date.parse(alert.startsAt ?? ""),
    endsAtMs: Date.parse(alert.endsAt ?? ""),
    generatorUrl: alert.generatorURL ?? "",
  }));
}

/** @throws {AnswerShapeError} */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AnswerShapeError(what, error instanceof Error ? error.message : String(error));
  }
}
