import { SystemClock } from "@tatou/model";

/** A clock on which time passes faster: at 600, ten minutes a second. Timers shrink alike. */
export function fastClock(startMs: number, speed: number): SystemClock {
  const startedMs = performance.now();
  const passedMs = (): number => (performance.now() - startedMs) * speed;
  return new SystemClock({
    nowMs: () => startMs + passedMs(),
    monotonicMs: passedMs,
    setTimer: (callback, delayMs, holdsProcess) => {
      const timer = setTimeout(callback, delayMs / speed);
      if (!holdsProcess) timer.unref();
      return timer;
    },
    clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
  });
}
