import { nearestName, parseDurationMs } from "@tatou/model";
import { DrillSetupError } from "../../errors.ts";
import type { ActContext, ActParameters, DrillAct } from "./drill-act.ts";

/** What a parameter of an act may be. */
export interface ActParameter<T> {
  readonly fallback: T;
  /** In words for people. */
  readonly expected: string;
  /** The value of what stands in the drill file; null when it is none. */
  readonly read: (written: string | number) => T | null;
}

/** A whole number above zero. */
export function count(fallback: number): ActParameter<number> {
  const expected = `a number such as ${fallback}`;
  return {
    fallback,
    expected,
    read: (written) => (Number.isInteger(written) && Number(written) > 0 ? Number(written) : null),
  };
}

/** A duration, in milliseconds. */
export function duration(fallback: string): ActParameter<number> {
  return { fallback: parseDurationMs(fallback), expected: `a duration such as ${fallback}`, read: readDuration };
}

/** One of a few words. */
export function oneOf<T extends string>(choices: readonly T[], fallback: T): ActParameter<T> {
  const expected = `one of ${choices.join(", ")}`;
  return { fallback, expected, read: (written) => choices.find((choice) => choice === written) ?? null };
}

type ValuesOf<P> = { readonly [Name in keyof P]: P[Name] extends ActParameter<infer T> ? T : never };

/** An act that reads its parameters before it begins; durations reach it in milliseconds. */
export function actOf<P extends Readonly<Record<string, ActParameter<string | number>>>>(
  parameters: P,
  run: (values: ValuesOf<P>, context: ActContext) => Promise<void>,
): DrillAct {
  const act = async (written: ActParameters, context: ActContext): Promise<void> =>
    run(readParameters(parameters, written), context);
  return Object.assign(act, { parameterNames: Object.keys(parameters) });
}

/** @throws {DrillSetupError} a parameter is unknown, or is not what it should be */
function readParameters<P extends Readonly<Record<string, ActParameter<string | number>>>>(
  parameters: P,
  written: ActParameters,
): ValuesOf<P> {
  const names = Object.keys(parameters);
  for (const name of Object.keys(written)) {
    if (names.includes(name)) continue;
    const nearest = nearestName(name, names);
    const hint = nearest === null ? `Leave it out` : `Did you mean "${nearest}"?`;
    throw new DrillSetupError(`Cannot run act: it has no parameter "${name}", expected ${names.join(", ")}`, hint);
  }
  return Object.fromEntries(
    names.map((name) => [name, valueOf(name, parameters[name]!, written[name])]),
  ) as unknown as ValuesOf<P>;
}

function valueOf<T>(name: string, parameter: ActParameter<T>, written: string | number | undefined): T {
  if (written === undefined) return parameter.fallback;
  const value = parameter.read(written);
  if (value !== null) return value;
  throw new DrillSetupError(
    `Cannot run act: its parameter "${name}" is ${JSON.stringify(written)}, expected ${parameter.expected}`,
    `Write ${parameter.expected}`,
  );
}

/** Zero is no duration that an act could spread itself over. */
function readDuration(written: string | number): number | null {
  try {
    return parseDurationMs(String(written)) || null;
  } catch {
    return null;
  }
}
