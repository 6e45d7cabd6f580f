import { type Decode, type Fields, fault, type Located, listOf, mapOf, positionOf, readFields } from "@tatou/config";
import { drillActs } from "./acts/registry.ts";
import { faultNames } from "./fault-injector.ts";
import type { ActStep, DrillStep, FaultStep, RequestStep } from "./scenario.ts";
import { memberName, requestTemplate } from "./scenario-file-request.ts";
import { duration, hintFor, nameOf, perSecond, textLike, wholeNumber } from "./scenario-file-values.ts";

const stepKinds = ["request", "wait", "act", "fault", "parallel"] as const;
type StepKind = (typeof stepKinds)[number];

const perSecondMax = 500;
const sourceCountMax = 1000;
/** Of one step. A day at two a second, and no more than an address has ports. */
const requestCountMax = 200_000;
/** `sources: each` needs another address for every request, and this many there are. */
const eachCountMax = 60_000;
/** The platform takes 30 sign-ups from one address in ten minutes. */
const userCountMax = 20;
const faultCountMax = 1000;
const depthMax = 4;
const listLengthMax = 100;

/** The steps of a drill, or of a branch of `parallel`. */
export const stepList = (depth = 0): Decode<readonly DrillStep[]> => {
  return (at) => {
    if (at.node.kind === "list" && at.node.items.length > listLengthMax)
      return fault(at, `found ${at.node.items.length} steps, expected ${listLengthMax} at most`);
    return listOf(step(depth))(at);
  };
};

function step(depth: number): Decode<DrillStep> {
  return (at) => {
    if (at.node.kind === "null") return fault(at, `found nothing, expected one of ${stepKinds.join(", ")}`);
    return readFields(at, (fields) => readStep(fields, depth)) ?? undefined;
  };
}

function readStep(fields: Fields, depth: number): DrillStep | undefined {
  const kinds = stepKinds.filter((kind) => fields.has(kind));
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    const what = kind === undefined ? "no kind of step" : kinds.join(" and ");
    return fields.fault(`found ${what}, expected one of ${stepKinds.join(", ")}`, kinds[1]);
  }
  return readers[kind](fields, depth);
}

const readers: Readonly<Record<StepKind, (fields: Fields, depth: number) => DrillStep | undefined>> = {
  request: readRequest,
  wait: (fields) => ({ kind: "wait", durationMs: fields.get("wait", duration({ minMs: 1 })) ?? 0 }),
  act: readAct,
  fault: readFault,
  parallel: (fields, depth) => {
    if (depth >= depthMax) return fields.fault(`found parallel within parallel, ${depthMax} deep at most`, "parallel");
    const branches = fields.get("parallel", listOf(stepList(depth + 1))) ?? [];
    return branches.length === 0
      ? fields.fault("found no branches, expected lists of steps", "parallel")
      : { kind: "parallel", branches };
  },
};

function readRequest(fields: Fields): RequestStep | undefined {
  const request = fields.get("request", requestTemplate);
  const timing = readTiming(fields);
  const sourceCount = fields.get("sources", sources) ?? 1;
  const userCount = fields.get("users", wholeNumber(1, userCountMax)) ?? 1;
  if (userCount > 1 && request?.as === null) fields.fault("found users without as in its request", "users");
  const answers = fields.get("answers", listOf(wholeNumber(100, 599))) ?? [];
  const keep = fields.get("keep", keepFields) ?? {};
  const countMax = sourceCount === "each" ? eachCountMax : requestCountMax;
  const requestCount = Math.min(timing.times ?? Infinity, ((timing.durationMs ?? Infinity) * timing.perSecond) / 1000);
  if (requestCount > countMax) fields.fault(`found ${Math.ceil(requestCount)} requests, expected ${countMax} at most`);
  if (request === undefined) return undefined;
  return {
    kind: "request",
    request,
    ...timing,
    sourceCount,
    userCount,
    answers,
    keep,
    position: positionOf(fields.at),
  };
}

function readTiming(fields: Fields): Pick<RequestStep, "perSecond" | "times" | "durationMs"> {
  const rate = fields.get("rate", perSecond(perSecondMax));
  const everyMs = fields.get("every", duration({ minMs: 1000 / perSecondMax }));
  const times = fields.get("times", wholeNumber(1, requestCountMax)) ?? null;
  const durationMs = fields.get("for", duration({ minMs: 1 })) ?? null;
  if (fields.has("rate") && fields.has("every")) fields.fault("found rate and every, expected one of them", "every");
  const isSingle = fields.has("times") && times === 1;
  if (!fields.has("rate") && !fields.has("every") && !isSingle)
    fields.fault("found neither rate nor every, expected one");
  if (!fields.has("times") && !fields.has("for")) fields.fault("found neither times nor for, expected an end");
  return { perSecond: rate ?? 1000 / (everyMs ?? 1000), times, durationMs };
}

const sources: Decode<number | "each"> = (at) => {
  if (at.node.kind === "scalar" && at.node.text === "each") return "each";
  return wholeNumber(1, sourceCountMax)(at);
};

/** Name → field of the JSON answer. */
const keepFields: Decode<Readonly<Record<string, string>>> = (at) => {
  const written = mapOf(textLike(/^[A-Za-z_][A-Za-z0-9_]{0,39}$/, "the name of a field of the answer"))(at);
  for (const name of Object.keys(written ?? {})) memberName({ ...at, node: textNode(at, name) });
  return written;
};

function textNode({ node }: Located, text: string): Located["node"] {
  return { kind: "scalar", text, plain: true, offset: node.offset, textOffset: node.offset };
}

function readAct(fields: Fields): ActStep | undefined {
  const name = fields.get("act", nameOf(drillActs.keys(), "an act"));
  fields.acceptUnknown();
  if (name === undefined) return undefined;
  const known = drillActs.get(name)?.parameterNames;
  const parameters: Record<string, string | number> = Object.create(null);
  for (const key of fields.keys()) {
    if (key === "act") continue;
    if (known !== undefined && !known.includes(key)) {
      const hint = known.length === 0 ? "It takes no parameters" : hintFor(key, known);
      fields.at.source.faultAt(fields.keyPosition(key), `Cannot load ${fields.at.path}: ${name} takes no ${key}`, hint);
    }
    const value = fields.get(key, parameter);
    if (value !== undefined) parameters[key] = value;
  }
  return { kind: "act", act: name, parameters, position: positionOf(fields.at) };
}

const parameter: Decode<string | number> = (at) => {
  if (at.node.kind !== "scalar") return fault(at, "expected a text or a number");
  return at.node.plain && /^\d{1,9}(\.\d{1,9})?$/.test(at.node.text) ? Number(at.node.text) : at.node.text;
};

function readFault(fields: Fields): FaultStep | undefined {
  const name = fields.get("fault", nameOf(faultNames, "a fault"));
  const durationMs = fields.get("for", duration({ minMs: 1 })) ?? null;
  const times = fields.get("times", wholeNumber(1, faultCountMax)) ?? 1;
  const everyMs = fields.get("every", duration({ minMs: 1 })) ?? null;
  if (times > 1 && everyMs === null) fields.fault("found times without every, expected both");
  if (everyMs !== null && (durationMs ?? 0) >= everyMs) fields.fault("it breaks again before it is mended", "every");
  if (name === undefined) return undefined;
  return { kind: "fault", fault: name, durationMs, times, everyMs, position: positionOf(fields.at) };
}
