import { bodyText, type HttpTransport } from "@tatou/model";
import { z } from "zod";
import { AnswerShapeError } from "./errors.ts";
import { parseJson } from "./postable-alerts.ts";

/** One notification as the inbox received it. */
export type InboxMessage = z.infer<typeof inboxMessage>;

const labelRecord = z.record(z.string(), z.string());
const inboxMessage = z.object({
  /** From 1; a larger one came later. */
  seq: z.number(),
  /** RFC 3339. */
  receivedAt: z.string(),
  receiver: z.string(),
  status: z.string(),
  commonLabels: labelRecord,
  alerts: z.array(
    z.object({
      status: z.string(),
      labels: labelRecord,
      annotations: labelRecord,
      startsAt: z.string(),
      endsAt: z.string(),
    }),
  ),
});

/**
 * Messages that came after `sinceSeq`, oldest first.
 * @throws {AnswerShapeError}
 */
export async function readInbox(
  transport: HttpTransport,
  baseUrl: string,
  sinceSeq: number,
): Promise<readonly InboxMessage[]> {
  const url = `${baseUrl}/api/tatou/v1/inbox?since=${sinceSeq}`;
  const response = await transport.send({ method: "GET", url, timeoutMs: 10_000 });
  const parsed = z.object({ messages: z.array(inboxMessage) }).safeParse(parseJson(bodyText(response), url));
  if (!parsed.success) throw new AnswerShapeError(url, z.prettifyError(parsed.error));
  return [...parsed.data.messages].sort((left, right) => left.seq - right.seq);
}
