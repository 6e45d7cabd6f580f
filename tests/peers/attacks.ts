import { getJson, until } from "../lib/processes.ts";
import type { InboxAnswer } from "./answers.ts";

/** More than PathTraversalProbing's threshold; that rule has no `for`, so its way to the inbox is the shortest. */
const probeCount = 10;

/** Asks the platform for files outside its folder. */
export async function probePaths(serverUrl: string): Promise<void> {
  for (let index = 0; index < probeCount; index++) {
    const answer = await fetch(`${serverUrl}/..%2f..%2fetc%2fpasswd`);
    await answer.arrayBuffer();
  }
}

/** Waits for the message about an alert of this name. */
export function messageAbout(inboxUrl: string, alertName: string, timeoutMs: number) {
  return until(
    `a message about ${alertName}`,
    async () => {
      const { messages } = await getJson<InboxAnswer>(`${inboxUrl}/api/tatou/v1/inbox`);
      return messages.find(({ alerts }) => alerts.some(({ labels }) => labels["alertname"] === alertName)) ?? false;
    },
    timeoutMs,
  );
}
