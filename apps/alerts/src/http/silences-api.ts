/** Alertmanager's API v2 for silences. */
import {
  compareSilences,
  InvalidSilenceError,
  type Silence,
  SilenceNotFoundError,
  type SilenceRequest,
  SilenceStorageError,
  silenceState,
} from "@tatou/alerting";
import { formatMatcher, type Matcher, makeMatcher, matcherValue } from "@tatou/model";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { AlertsCore } from "../alerts-core.ts";
import {
  type Fields,
  type Located,
  parseBody,
  RequestError,
  readBoolean,
  readFilledList,
  readLabels,
  readObject,
  readOptionalText,
  readText,
  readTime,
  requiredField,
  typeCode,
} from "./json-body.ts";
import { parseLabelFilter } from "./label-filter.ts";
import { QueryParameters } from "./query-parameters.ts";
import { timeText } from "./time-text.ts";

/** A silence is a handful of matchers; a longer expression would only take long to compile. */
const bodySizeMaxBytes = 64 * 1024;

export function registerSilencesApi(api: FastifyInstance, core: AlertsCore): void {
  api.get("/silences", (request) => {
    const parameters = new QueryParameters(request.url);
    const filter = parseLabelFilter(parameters.all("filter"));
    const shown = {
      active: parameters.flag("active"),
      pending: parameters.flag("pending"),
      expired: parameters.flag("expired"),
    };
    const nowMs = core.clock.nowMs();
    return core.router.silences
      .all()
      .filter((silence) => shown[silenceState(silence, nowMs)] && hasMatchers(silence, filter))
      .sort((left, right) => compareSilences(left, right, nowMs))
      .map((silence) => gettableSilence(silence, nowMs));
  });
  api.post<{ Body: string }>("/silences", { bodyLimit: bodySizeMaxBytes }, async (request, reply) => {
    const nowMs = core.clock.nowMs();
    const wanted = readSilence(request.body, nowMs);
    const problem = timeProblem(wanted, nowMs);
    if (problem !== null) return reply.code(400).send(JSON.stringify(problem));
    try {
      const silence = await core.setSilence(wanted);
      return await reply.code(200).send({ silenceID: silence.id });
    } catch (error) {
      return sendSilenceError(reply, error);
    }
  });
  api.get<{ Params: { id: string } }>("/silence/:id", async (request, reply) => {
    const silence = core.router.silences.get(readId(request.params.id));
    if (silence === undefined) return reply.code(404).send();
    return reply.send(gettableSilence(silence, core.clock.nowMs()));
  });
  api.delete<{ Params: { id: string } }>("/silence/:id", async (request, reply) => {
    const id = readId(request.params.id);
    if (core.router.silences.get(id) === undefined) return reply.code(404).send();
    try {
      await core.expireSilence(id);
      return await reply.code(200).send();
    } catch (error) {
      return sendSilenceError(reply, error);
    }
  });
}

function sendSilenceError(reply: FastifyReply, error: unknown): FastifyReply {
  if (error instanceof SilenceNotFoundError) return reply.code(404).send(JSON.stringify(error.message));
  if (error instanceof SilenceStorageError)
    return reply.code(error.isFull ? 507 : 503).send(JSON.stringify(`${error.message}. ${error.hint}`));
  if (error instanceof InvalidSilenceError) return reply.code(400).send(JSON.stringify(error.message));
  throw error;
}

/** Whether each matcher of the filter is one of the silence's own. */
function hasMatchers(silence: Silence, filter: readonly Matcher[]): boolean {
  const own = new Set(silence.matchers.map(formatMatcher));
  return filter.every((matcher) => own.has(formatMatcher(matcher)));
}

/** @throws {RequestError} */
function readId(id: string): string {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return id.toLowerCase();
  throw new RequestError(`silenceID in path must be of type uuid: ${JSON.stringify(id)}`, { code: typeCode });
}

/** @throws {RequestError} */
function readSilence(body: string, nowMs: number): SilenceRequest {
  const fields = readObject({ path: "silence", value: parseBody(body, "silence") });
  requiredField(fields, "", "startsAt");
  requiredField(fields, "", "endsAt");
  const id = readOptionalText(fields, "", "id");
  return {
    ...(id !== "" && { id }),
    matchers: readFilledList(fields, "", "matchers").map(readMatcher),
    startsAtMs: readTime(fields, "", "startsAt") ?? nowMs,
    endsAtMs: readTime(fields, "", "endsAt") ?? 0,
    createdBy: readText(fields, "", "createdBy"),
    comment: readText(fields, "", "comment"),
    annotations: readLabels({ path: "annotations", value: fields["annotations"] ?? {} }),
  };
}

function readMatcher(at: Located): Matcher {
  const fields = readObject(at);
  const { path } = at;
  const name = readText(fields, path, "name");
  const value = readText(fields, path, "value");
  const operator = `${readIsEqual(fields, path) ? "=" : "!"}${readBoolean(fields, path, "isRegex") ? "~" : "="}`;
  try {
    return makeMatcher(name, operator === "==" ? "=" : (operator as "!=" | "=~" | "!~"), value);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RequestError(
      `invalid silence: invalid label matcher: invalid regular expression ${JSON.stringify(value)}: ${reason}`,
      { status: 400, code: 400 },
    );
  }
}

function readIsEqual(fields: Fields, path: string): boolean {
  return fields["isEqual"] === undefined || fields["isEqual"] === null ? true : readBoolean(fields, path, "isEqual");
}

function timeProblem({ startsAtMs, endsAtMs }: SilenceRequest, nowMs: number): string | null {
  if (startsAtMs >= endsAtMs) return "Failed to create silence: start time must be before end time";
  return endsAtMs < nowMs ? "Failed to create silence: end time can't be in the past" : null;
}

/** The wire's form of a silence. */
function gettableSilence(silence: Silence, nowMs: number): Record<string, unknown> {
  return {
    id: silence.id,
    status: { state: silenceState(silence, nowMs) },
    updatedAt: timeText(silence.updatedAtMs),
    annotations: silence.annotations,
    comment: silence.comment,
    createdBy: silence.createdBy,
    endsAt: timeText(silence.endsAtMs),
    matchers: silence.matchers.map((matcher) => ({
      isEqual: matcher.kind === "equal" || matcher.kind === "matches",
      isRegex: matcher.kind === "matches" || matcher.kind === "notMatches",
      name: matcher.label,
      value: matcherValue(matcher),
    })),
    startsAt: timeText(silence.startsAtMs),
  };
}
