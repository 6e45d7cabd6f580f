import { bodyText, type HttpTransport } from "@tatou/model";
import { z } from "zod";
import { AnswerShapeError } from "./errors.ts";
import { parseJson } from "./postable-alerts.ts";

/** What a client asks of any server with Alertmanager's API v2; used against ours and against the original alike. */
export interface AlertmanagerClient {
  /** Alerts that have not ended, suppressed ones included: those of one name, or all. @throws {AnswerShapeError} */
  alerts(alertName?: string): Promise<readonly AlertmanagerAlert[]>;
  /** Its alertmanager.yml as it is in force, with secrets hidden. @throws {AnswerShapeError} */
  configText(): Promise<string>;
}

export type AlertmanagerAlert = z.infer<typeof gettableAlert>;

const gettableAlert = z.object({
  fingerprint: z.string(),
  labels: z.record(z.string(), z.string()),
  /** Those that the routes chose; none when it matched no route. */
  receivers: z.array(z.object({ name: z.string() })),
  startsAt: z.string(),
  status: z.object({
    /** "active", "suppressed" or "unprocessed". */
    state: z.string(),
    silencedBy: z.array(z.string()),
    /** Fingerprints of the alerts that hold it back. */
    inhibitedBy: z.array(z.string()),
  }),
});
const status = z.object({ config: z.object({ original: z.string() }) });

/**
 * @param baseUrl such as http://localhost:9093, without a slash at the end
 * @param timeoutMs for each request
 */
export function alertmanagerClient(transport: HttpTransport, baseUrl: string, timeoutMs = 10_000): AlertmanagerClient {
  const get = async <T>(path: string, schema: z.ZodType<T>): Promise<T> => {
    const url = `${baseUrl}${path}`;
    const response = await transport.send({ method: "GET", url, timeoutMs });
    if (response.status !== 200) throw new AnswerShapeError(url, `it answered ${response.status}`);
    const parsed = schema.safeParse(parseJson(bodyText(response), url));
    if (!parsed.success) throw new AnswerShapeError(url, z.prettifyError(parsed.error));
    return parsed.data;
  };
  return {
    alerts: (alertName) => {
      const filter = new URLSearchParams({ filter: `alertname=${JSON.stringify(alertName)}` });
      return get(`/api/v2/alerts${alertName === undefined ? "" : `?${filter.toString()}`}`, z.array(gettableAlert));
    },
    configText: async () => (await get("/api/v2/status", status)).config.original,
  };
}
