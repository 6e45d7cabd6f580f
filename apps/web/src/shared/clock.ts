import { type Clock, SystemClock } from "@tatou/model";

/** The browser's time: the one place where pages touch it, so that a test can hand in another clock. */
export const browserClock: Clock = new SystemClock({
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: (callback, delayMs) => window.setTimeout(callback, delayMs),
  clearTimer: (timer) => window.clearTimeout(timer as number),
});
