import type { DrillWorld } from "./drill-world.ts";
import type { KeptValues } from "./kept-values.ts";
import { sendDrillRequest } from "./request-sender.ts";
import { type CompiledRequest, type CompiledRequests, compileRequests } from "./request-template.ts";
import type { RequestStep } from "./scenario.ts";
import { type DrillSessions, SessionError } from "./sessions.ts";
import type { VariableValues } from "./variables.ts";

/** What the steps of one drill share. */
export interface StepTools {
  readonly world: DrillWorld;
  readonly sessions: DrillSessions;
  readonly kept: KeptValues;
}

/** Requests under way at once; a target that answers slower than it is asked gets no more than these. */
const inFlightMax = 64;

/**
 * Sends a step's requests at its rate, counted from its start, so that a late wake-up does not lower it; ends when all of them
 * are answered, or the world's signal aborts.
 *
 * @throws {DrillSetupError} a request cannot be sent as it is written
 */
export async function runRequestStep(step: RequestStep, tools: StepTools): Promise<void> {
  const { clock, signal, tally } = tools.world;
  const requests = compileRequests(step);
  try {
    for (const user of usersOf(requests)) await tools.sessions.token(user);
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    if (!signal.aborted) tally.failed(error.message);
    return;
  }
  const startedMs = clock.nowMs();
  const endMs = startedMs + (step.durationMs ?? Number.POSITIVE_INFINITY);
  const countMax = step.times ?? Number.POSITIVE_INFINITY;
  // A whole millisecond: rounding must not wake it just before the request is due, again and again.
  const dueMs = (n: number): number => startedMs + Math.ceil((n * 1000) / step.perSecond - roundingMs);
  const inFlight = new InFlight();
  for (let n = 0; n < countMax && !signal.aborted; ) {
    const nowMs = clock.nowMs();
    if (nowMs >= endMs || inFlight.failure !== null) break;
    if (dueMs(n) > nowMs) await clock.sleepUntil(Math.min(dueMs(n), endMs), signal).catch(() => undefined);
    else if (inFlight.count >= inFlightMax) await inFlight.oneLess();
    else {
      inFlight.add(sendNumber(n, { step, request: requests[n % requests.length] ?? requests[0], tools }));
      n++;
    }
  }
  await inFlight.none();
}

const roundingMs = 1e-6;

/** Whom any of the requests speaks of. */
export function usersOf(requests: CompiledRequests): ReadonlySet<string> {
  return new Set(requests.flatMap(({ users }) => users));
}

interface Sending {
  readonly step: RequestStep;
  readonly request: CompiledRequest;
  readonly tools: StepTools;
}

async function sendNumber(n: number, { step, request, tools }: Sending): Promise<void> {
  const { world, sessions, kept } = tools;
  const source = world.sourceAddress(step.sourceCount === "each" ? n : n % step.sourceCount);
  for (const user of request.users) await sessions.token(user);
  const values: VariableValues = {
    n,
    source,
    run: world.runId,
    random: (digitCount) => hexDigits(digitCount, world.random),
    token: (user) => sessions.current(user),
    email: (user) => sessions.email(user),
    password: () => sessions.password,
    kept: (name) => kept.at(name, n),
  };
  const response = await sendDrillRequest(
    { ...request.make(values), sourceAddress: source, answers: step.answers },
    world,
  );
  if (response !== null) kept.keep(response, step.keep);
}

function hexDigits(count: number, random: () => number): string {
  let digits = "";
  for (let index = 0; index < count; index++) digits += Math.floor(random() * 16).toString(16);
  return digits;
}

/** Requests under way, of which there is a limit. */
class InFlight {
  readonly #works = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | null = null;

  get count(): number {
    return this.#works.size;
  }

  /** Of a request that could not be sent at all. */
  get failure(): { readonly error: unknown } | null {
    return this.#failure;
  }

  add(work: Promise<void>): void {
    const settled = work
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#works.delete(settled));
    this.#works.add(settled);
  }

  async oneLess(): Promise<void> {
    await Promise.race(this.#works);
  }

  /** @throws the failure, if there is one */
  async none(): Promise<void> {
    await Promise.all(this.#works);
    if (this.#failure !== null) throw this.#failure.error;
  }
}
