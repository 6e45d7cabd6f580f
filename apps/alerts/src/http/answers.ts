import type { FastifyError, FastifyInstance } from "fastify";
import { RequestError } from "./json-body.ts";
import { FilterError } from "./label-filter.ts";

/** Bodies stay text, to be read with messages of our own. Anything but JSON is refused. */
export function takeJsonAsText(instance: FastifyInstance): void {
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser<string>("application/json", { parseAs: "string" }, (_request, body, done) =>
    done(null, body),
  );
}

/** Answers are JSON; bad requests get theirs in Alertmanager's forms: faults of form as {code, message}, faults of content as JSON text. */
export function answerAsAlertmanager(api: FastifyInstance): void {
  api.addHook("onRequest", async (_request, reply) => {
    void reply.headers({ "content-type": "application/json", "cache-control": "no-store" });
  });
  api.setNotFoundHandler((request, reply) => {
    const path = request.url.replace(/\?.*/, "");
    return reply.code(404).send(JSON.stringify({ code: 404, message: `path ${path} was not found` }));
  });
  api.setErrorHandler<FastifyError>((error, request, reply) => {
    void reply.type("application/json");
    if (error instanceof FilterError) return reply.code(400).send(JSON.stringify(error.message));
    if (error instanceof RequestError) {
      return reply.code(error.status).send(JSON.stringify({ code: error.code, message: error.message }));
    }
    if (error.statusCode === 415) {
      const found = JSON.stringify(request.headers["content-type"] ?? "");
      const message = `unsupported media type ${found}, only [application/json] are allowed`;
      return reply.code(415).send(JSON.stringify({ code: 415, message }));
    }
    // What is unexpected goes on to the door, which logs it and tells the client nothing of it.
    throw error;
  });
}
