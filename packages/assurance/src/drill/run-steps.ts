import { setMaxListeners } from "node:events";
import { DrillSetupError } from "../errors.ts";
import type { ActContext } from "./acts/drill-act.ts";
import { drillActs } from "./acts/registry.ts";
import type { DrillWorld } from "./drill-world.ts";
import { KeptValues } from "./kept-values.ts";
import { OpenFaults } from "./open-faults.ts";
import { sendDrillRequest } from "./request-sender.ts";
import { RequestTally } from "./request-tally.ts";
import { compileRequests } from "./request-template.ts";
import { runRequestStep, type StepTools, usersOf } from "./run-request-step.ts";
import type { ActStep, DrillScenario, DrillStep, FaultStep } from "./scenario.ts";
import { DrillSessions, SessionError } from "./sessions.ts";

/** A fault that lasts until the drill ends is mended after this, should nobody end the drill. */
const heldMaxMs = 24 * 3_600_000;

interface Run extends StepTools {
  readonly faults: OpenFaults;
}

/**
 * Does what a drill does: its users sign up, what must be there is prepared, and the steps run. Ends with the last step, or
 * early when the world's signal aborts; with a fault that has no end, only then. A target that does not answer is counted,
 * not thrown. Whatever was broken is mended before the promise settles.
 *
 * @throws {DrillSetupError} a fault or an act cannot be had here
 */
export async function runSteps(scenario: DrillScenario, world: DrillWorld): Promise<void> {
  const stopping = new AbortController();
  // Every request under way listens to it.
  setMaxListeners(0, stopping.signal);
  const onAbort = (): void => stopping.abort(world.signal.reason);
  if (world.signal.aborted) return;
  world.signal.addEventListener("abort", onAbort, { once: true });
  const own = { ...world, signal: stopping.signal };
  const faults = new OpenFaults(world.faults);
  const run: Run = { world: own, sessions: new DrillSessions(own), kept: new KeptValues(), faults };
  try {
    await signUp([...scenario.prepare, ...scenario.steps], run);
    await runInOrder(scenario.prepare, { ...run, world: { ...own, tally: new RequestTally() } });
    await runInOrder(scenario.steps, run);
    if (faults.count > 0) await own.clock.sleep(heldMaxMs, own.signal);
  } catch (error) {
    if (!world.signal.aborted || error !== world.signal.reason) throw error;
  } finally {
    world.signal.removeEventListener("abort", onAbort);
    stopping.abort();
    await faults.mendAll();
  }
}

/** Before anything breaks; who cannot sign up now tries again at his first request. */
async function signUp(steps: readonly DrillStep[], { sessions }: Run): Promise<void> {
  for (const user of new Set(steps.flatMap(usersOfStep))) {
    await sessions.token(user).catch((error: unknown) => {
      if (!(error instanceof SessionError)) throw error;
    });
  }
}

function usersOfStep(step: DrillStep): readonly string[] {
  if (step.kind === "parallel") return step.branches.flat().flatMap(usersOfStep);
  return step.kind === "request" ? [...usersOf(compileRequests(step))] : [];
}

async function runInOrder(steps: readonly DrillStep[], run: Run): Promise<void> {
  for (const step of steps) {
    if (run.world.signal.aborted) return;
    await runStep(step, run);
  }
}

async function runStep(step: DrillStep, run: Run): Promise<void> {
  switch (step.kind) {
    case "request":
      return runRequestStep(step, run);
    case "wait":
      return run.world.clock.sleep(step.durationMs, run.world.signal);
    case "act":
      return runAct(step, run);
    case "fault":
      return runFault(step, run);
    case "parallel":
      return runBranches(step.branches, run);
  }
}

/** When one branch cannot go on, the others end too. */
async function runBranches(branches: readonly (readonly DrillStep[])[], run: Run): Promise<void> {
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const { signal } = run.world;
  const onAbort = (): void => stopping.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const own: Run = { ...run, world: { ...run.world, signal: stopping.signal } };
  const failures: unknown[] = [];
  const works = branches.map((steps) =>
    runInOrder(steps, own).catch((error: unknown) => {
      failures.push(error);
      stopping.abort(error);
    }),
  );
  await Promise.all(works);
  signal.removeEventListener("abort", onAbort);
  if (failures.length > 0) throw failures[0];
}

async function runAct(step: ActStep, { world, sessions }: Run): Promise<void> {
  const act = drillActs.get(step.act);
  if (act === undefined)
    throw new DrillSetupError(
      `Cannot play "${step.act}": there is no such act`,
      "Give the name of an act that there is",
    );
  try {
    await act(step.parameters, actContext(world, sessions));
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    if (!world.signal.aborted) world.tally.failed(error.message);
  }
}

function actContext(world: DrillWorld, sessions: DrillSessions): ActContext {
  return {
    world,
    send: ({ url, localAddress, ...request }, { answers = [] } = {}) => {
      // Whatever host an address names, the request goes to the target.
      const path = url.replace(/^[a-z]+:\/\/[^/?#]*/i, "");
      const source = localAddress === undefined ? {} : { sourceAddress: localAddress };
      return sendDrillRequest({ ...request, ...source, path, answers }, world);
    },
    session: (name, sourceIndex) => sessions.token(name, sourceIndex),
  };
}

async function runFault(step: FaultStep, { world, faults }: Run): Promise<void> {
  const { clock, signal } = world;
  const startedMs = clock.nowMs();
  let mend = async (): Promise<void> => undefined;
  for (let time = 0; time < step.times; time++) {
    if (time > 0) await clock.sleepUntil(startedMs + time * (step.everyMs ?? 0), signal);
    await mend();
    mend = await faults.inject(step.fault);
    if (step.durationMs === null) continue;
    try {
      await clock.sleep(step.durationMs, signal);
    } finally {
      await mend();
    }
  }
}
