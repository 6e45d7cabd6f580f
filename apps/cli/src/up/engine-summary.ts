import { get } from "node:http";
import type { StackSummary } from "./screen-texts.ts";

const timeoutMs = 1500;
const answerMaxBytes = 1024 * 1024;

/**
 * What the engine says of itself in short; null when it does not answer. Node's plain client: the one of the programs
 * would cost this process more memory than all the rest of it, for one question every two seconds.
 */
export function readSummary(engineUrl: string): Promise<StackSummary | null> {
  return new Promise((resolve) => {
    const request = get(`${engineUrl}/api/tatou/v1/summary`, { signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
        if (text.length > answerMaxBytes) request.destroy();
      });
      response.on("end", () => resolve(response.statusCode === 200 ? parseSummary(text) : null));
      response.on("close", () => resolve(null));
    });
    request.on("error", () => resolve(null));
  });
}

function parseSummary(text: string): StackSummary | null {
  try {
    return JSON.parse(text) as StackSummary;
  } catch {
    return null;
  }
}
