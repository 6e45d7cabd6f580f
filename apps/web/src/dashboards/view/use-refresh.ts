import { parseInterval } from "@tatou/dashboard-model";
import { useCallback, useEffect, useState } from "react";
import { browserClock } from "../../shared/clock.ts";

/** Faster would only load the server: nothing is scraped more often. */
const refreshMinMs = 1000;

/**
 * The moment that "now" means, moved on by the refresh interval and by hand. A page that nobody sees waits, and catches
 * up when it is looked at again.
 */
export function useRefresh(refresh: string): { readonly nowMs: number; readonly reload: () => void } {
  const [nowMs, setNowMs] = useState(() => browserClock.nowMs());
  const reload = useCallback(() => setNowMs(browserClock.nowMs()), []);
  useEffect(() => {
    const intervalMs = parseInterval(refresh);
    if (intervalMs === undefined) return;
    const stop = new AbortController();
    const tick = async (): Promise<void> => {
      await browserClock.sleep(Math.max(refreshMinMs, intervalMs), stop.signal);
      if (!document.hidden) reload();
    };
    const run = async (): Promise<void> => {
      while (!stop.signal.aborted) await tick();
    };
    run().catch(() => undefined);
    const seen = (): void => {
      if (!document.hidden) reload();
    };
    document.addEventListener("visibilitychange", seen);
    return () => {
      stop.abort();
      document.removeEventListener("visibilitychange", seen);
    };
  }, [refresh, reload]);
  return { nowMs, reload };
}
