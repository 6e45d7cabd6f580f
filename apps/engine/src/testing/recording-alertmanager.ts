import { readPostableAlerts } from "@tatou/api";
import { bodyText, type HttpHandler, type PostableAlert } from "@tatou/model";
import { textResponse } from "./engine-bench.ts";

/** An Alertmanager that keeps what it is told, and can be made to misbehave. */
export class RecordingAlertmanager {
  readonly received: PostableAlert[] = [];
  requestCount = 0;
  /** The size of each body, taken or not. */
  readonly bodySizesBytes: number[] = [];
  /** What it answers; awaited, so that it can be slow. */
  answer: (alerts: readonly PostableAlert[], sizeBytes: number) => Promise<number> = async () => 200;
  /** The text of its answers. */
  answerText = "";

  readonly handle: HttpHandler = async (request) => {
    this.requestCount++;
    const body = Buffer.from(request.body ?? "");
    this.bodySizesBytes.push(body.length);
    const alerts = readPostableAlerts(bodyText({ body }));
    const status = await this.answer(alerts, body.length);
    if (status === 200) this.received.push(...alerts);
    return textResponse(this.answerText, status);
  };

  /** "name firing" or "name resolved", as of the time of reading. */
  states(nowMs: number): readonly string[] {
    return this.received.map(
      ({ labels, endsAtMs }) => `${labels["alertname"]} ${endsAtMs > nowMs ? "firing" : "resolved"}`,
    );
  }
}
