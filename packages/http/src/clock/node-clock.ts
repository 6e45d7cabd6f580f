import { SteadyClock, SystemClock, type TimerHost } from "@tatou/model";

/** Node's timers, without Node in the vocabulary of time. */
export const systemTimerHost: TimerHost = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(callback, delayMs, holdsProcess) {
    const timer = setTimeout(callback, delayMs);
    // A background job must not keep a program from ending; a wait that somebody awaits must, or Node would exit with
    // the promise unsettled.
    return holdsProcess ? timer : timer.unref();
  },
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** The clock on the wall, for programs on Node. */
export function createSystemClock(): SystemClock {
  return new SystemClock(systemTimerHost);
}

/** The same, but never stepping back: for a program that stores samples. See `SteadyClock`. */
export function createSteadyClock(): SteadyClock {
  return new SteadyClock(systemTimerHost);
}

/** One turn of Node's event loop: what a VirtualClock waits for so that promise chains between timers can finish. */
export function nodeYieldTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
