import { join } from "node:path";
import { createSystemClock } from "@tatou/http";
import type { Clock } from "@tatou/model";
import type { DirectoryLock } from "@tatou/tsdb";
import { colors } from "../colors.ts";
import { exitCodeInterrupted } from "../exit-codes.ts";
import { problemText } from "../problem-text.ts";
import { checkBanner, removeCheckReport } from "./check-banner.ts";
import { readSummary } from "./engine-summary.ts";
import { StateDirectoryError } from "./errors.ts";
import { checkHealth } from "./health-checks.ts";
import { portProblems } from "./ports.ts";
import { type Program, programsOf, type UpSettings } from "./program.ts";
import { Screen } from "./screen.ts";
import { readyText, summaryEssence, summaryLine } from "./screen-texts.ts";
import { Stack, type StackOptions } from "./stack.ts";
import { acquireStateLock } from "./state-lock.ts";

const liveLineEveryMs = 2000;
/** One Ctrl-C may come twice: from the terminal, and handed on by npm. */
const echoMs = 500;

/**
 * Starts the four programs, says when they are ready, and keeps them running until the process is told to end.
 * @returns the exit code: 0 after Ctrl-C, 1 when the stack cannot run
 */
export async function runUp(settings: UpSettings): Promise<number> {
  const clock = createSystemClock();
  const screen = new Screen(process.stdout);
  const { stateDirectory } = settings;
  let lock: DirectoryLock;
  try {
    lock = acquireStateLock(stateDirectory);
  } catch (error) {
    screen.print(colors.red(problemText(error)));
    return 1;
  }
  try {
    const problems = await portProblems(settings);
    for (const problem of problems) screen.print(colors.red(problemText(problem)));
    if (problems.length > 0) return 1;
    const logDirectory = join(stateDirectory, "state", "logs");
    const stack = openStack({ programs: programsOf(settings), clock, screen, logDirectory });
    return await runStack(stack, { clock, screen, settings });
  } catch (error) {
    if (!(error instanceof StateDirectoryError)) throw error;
    screen.print(colors.red(problemText(error)));
    return 1;
  } finally {
    lock.release();
  }
}

function openStack(options: StackOptions): Stack {
  try {
    return new Stack(options);
  } catch (error) {
    throw new StateDirectoryError(options.logDirectory, error);
  }
}

interface RunContext {
  readonly clock: Clock;
  readonly screen: Screen;
  readonly settings: UpSettings;
}

async function runStack(stack: Stack, { clock, screen, settings }: RunContext): Promise<number> {
  const startedMs = clock.monotonicMs();
  const programs = programsOf(settings);
  removeCheckReport(settings.stateDirectory);
  const ending = endOfProcess(clock, () => {
    stack.kill();
    screen.clearLive();
    process.exit(exitCodeInterrupted);
  });
  const isReady = await Promise.race([stack.start(), ending.then(() => false)]);
  if (isReady) {
    screen.clearLive();
    screen.print(readyText(programs, (clock.monotonicMs() - startedMs) / 1000, settings.stateDirectory));
    const showing = new AbortController();
    void ending.then(() => showing.abort());
    const { url: serverUrl } = programs.find(({ name }) => name === "server")!;
    const checking = checkHealth(serverUrl, { clock, signal: showing.signal });
    const banner = showBanner({ screen, clock, settings }, showing.signal);
    await showSummary(screen, { clock, programs, signal: showing.signal });
    await Promise.all([checking, banner]);
  }
  await stack.stop();
  screen.clearLive();
  const { refusalText } = stack;
  screen.print(refusalText === "" ? colors.dim("stopped; the data is kept") : refusalText);
  return refusalText === "" ? 0 : 1;
}

/** The first scrapes and the first look at a page go before the check of what they show. */
const checkAfterMs = 3000;

async function showBanner({ screen, clock, settings }: RunContext, signal: AbortSignal): Promise<void> {
  await clock.sleep(checkAfterMs, signal).catch(() => undefined);
  const line = signal.aborted ? null : await checkBanner(settings, signal);
  if (line !== null) screen.print(line);
}

/** Resolves when the process is told to end; told again, it ends at once. */
function endOfProcess(clock: Clock, endAtOnce: () => void): Promise<void> {
  return new Promise((resolveEnd) => {
    let toldMs: number | null = null;
    const onSignal = (): void => {
      toldMs ??= clock.monotonicMs();
      if (clock.monotonicMs() - toldMs > echoMs) endAtOnce();
      resolveEnd();
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
    // Nobody reads any more: the terminal is gone, or the program behind a pipe.
    process.stdout.once("error", () => resolveEnd());
    process.stdout.on("error", () => {});
  });
}

async function showSummary(
  screen: Screen,
  { clock, programs, signal }: { clock: Clock; programs: readonly Program[]; signal: AbortSignal },
): Promise<void> {
  const engine = programs.find((program) => program.name === "engine")!;
  while (!signal.aborted) {
    const summary = await readSummary(engine.url);
    if (signal.aborted) return;
    const clockText = colors.dim(new Date(clock.nowMs()).toTimeString().slice(0, 8));
    const line = summaryLine(summary);
    screen.live(screen.isTerminal ? `${clockText}  ${line}` : line, summaryEssence(summary));
    await clock.sleep(liveLineEveryMs, signal).catch(() => undefined);
  }
}
