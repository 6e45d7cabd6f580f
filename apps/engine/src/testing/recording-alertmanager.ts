import { readPostableAlerts } from "@tatou/api";
import { bodyText, type HttpHandler, type PostableAlert } from "@tatou/model";
import { textResponse } from "./engine-bench.ts";

/** An Alertmanager that keeps what it is told, and can be made to misbehave. */
export class RecordingAlertmanager {
  readonly received: PostableAlert[] = [];
  requestCount = 0;
  /** What it answers; awaited, so that it can be slow. */
  answer: () => Promise<number> = async () => 200;

  readonly handle: HttpHandler = async (request) => {
    this.requestCount++;
    const alerts = readPostableAlerts(bodyText({ body: Buffer.from(request.body ?? "") }));
    const status = await this.answer();
    if (status === 200) this.received.push(...alerts);
    return textResponse("", status);
  };

  /** "name firing" or "name resolved", as of the time of reading. */
  states(nowMs: number): readonly string[] {
    return this.received.map(
      ({ labels, endsAtMs }) => `${labels["alertname"]} ${endsAtMs > nowMs ? "firing" : "resolved"}`,
    );
  }
}
