import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AlertSink, PostableAlert } from "../alert-sink.ts";
import { testBaseMs } from "./test-series.ts";

export interface AlertSinkUnderTest {
  readonly sink: AlertSink;
  /** What arrived at the other end until now, in order. */
  received(): Promise<readonly PostableAlert[]> | readonly PostableAlert[];
  close?(): Promise<void> | void;
}

/** What every AlertSink promises. `open` is called for each test and gives a sink whose receiver is there. */
export function describeAlertSink(name: string, open: () => Promise<AlertSinkUnderTest> | AlertSinkUnderTest): void {
  describe(`${name} as an AlertSink`, () => {
    let subject: AlertSinkUnderTest;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(async () => {
      await subject.sink.close(AbortSignal.abort());
      await subject.close?.();
    });

    test("delivers what was sent before it is closed, unchanged and in order", async () => {
      const alerts = [alert("First"), alert("Second"), { ...alert("Third"), endsAtMs: testBaseMs - 1000 }];
      subject.sink.send(alerts.slice(0, 2));
      subject.sink.send(alerts.slice(2));
      await subject.sink.close();
      expect(await subject.received()).toEqual(alerts);
    });

    test("takes an empty list", async () => {
      subject.sink.send([]);
      await subject.sink.close();
      expect(await subject.received()).toEqual([]);
    });

    test("may be closed twice, and forgets what is sent afterwards", async () => {
      await subject.sink.close();
      await subject.sink.close();
      subject.sink.send([alert("Late")]);
      expect(await subject.received()).toEqual([]);
    });

    test("does not wait when the signal is aborted", async () => {
      subject.sink.send([alert("Any")]);
      await expect(subject.sink.close(AbortSignal.abort())).resolves.toBeUndefined();
    });
  });
}

function alert(alertname: string): PostableAlert {
  return {
    labels: { alertname, severity: "high" },
    annotations: { summary: "Übersicht" },
    startsAtMs: testBaseMs,
    endsAtMs: testBaseMs + 240_000,
    generatorUrl: "http://prometheus:9090/graph?g0.expr=up&g0.tab=1",
  };
}
