import type { FastifyInstance } from "fastify";
import type { Inbox } from "../inbox/inbox.ts";
import { QueryParameters } from "./query-parameters.ts";

/** Larger messages are refused. */
const bodySizeMaxBytes = 1024 * 1024;

/** Takes webhooks at `/` and `/inbox/webhook`, and shows them at /api/tatou/v1/inbox. */
export function registerInbox(door: FastifyInstance, inbox: Inbox): void {
  for (const path of ["/", "/inbox/webhook"]) {
    door.post<{ Body: string }>(path, { bodyLimit: bodySizeMaxBytes }, async (request, reply) => {
      const message = inbox.receive(request.body);
      if (message !== null) return reply.code(200).send({ seq: message.seq });
      const problem = "Cannot read message: found no webhook payload, expected JSON with a list of alerts";
      return reply.code(400).type("text/plain; charset=utf-8").send(`${problem}\n`);
    });
  }
  door.get("/api/tatou/v1/inbox", (request) => ({
    messages: inbox.since(new QueryParameters(request.url).count("since", 0)),
  }));
}
