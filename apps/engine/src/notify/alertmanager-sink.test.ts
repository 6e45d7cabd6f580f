import { type AlertmanagerTargetConfig, loadPrometheusConfig } from "@tatou/config";
import { InProcessTransport, nodeYieldTurn } from "@tatou/http";
import { type HttpHandler, type PostableAlert, VirtualClock } from "@tatou/model";
import { describeAlertSink } from "@tatou/model/testing";
import { beforeEach, describe, expect, test } from "vitest";
import type { OwnedTransport } from "../owned-transport.ts";
import { RecordingAlertmanager } from "../testing/recording-alertmanager.ts";
import { queueCapacity, type SendOutcome } from "./alertmanager-sender.ts";
import { AlertmanagerSink } from "./alertmanager-sink.ts";

const startMs = Date.UTC(2026, 0, 5);

/** A sink in virtual time, with everything that can be seen of it. */
class SinkBench {
  readonly clock = new VirtualClock(startMs, nodeYieldTurn);
  readonly handlers = new Map<string, HttpHandler>();
  readonly outcomes: SendOutcome[] = [];
  readonly waits: { url: string; reason: string }[] = [];
  readonly dropped: { url: string; alertCount: number; reason: string }[] = [];
  readonly open = new Set<OwnedTransport>();
  openedCount = 0;
  readonly sink = new AlertmanagerSink({
    clock: this.clock,
    openTransport: () => this.#openTransport(),
    observer: {
      onSent: (outcome) => this.outcomes.push(outcome),
      onWaiting: (wait) => this.waits.push(wait),
      onDropped: (drop) => this.dropped.push(drop),
    },
  });

  alertmanager(address: string): RecordingAlertmanager {
    const alertmanager = new RecordingAlertmanager();
    this.handlers.set(address, alertmanager.handle);
    return alertmanager;
  }

  get droppedCount(): number {
    return this.dropped.reduce((total, { alertCount }) => total + alertCount, 0);
  }

  #openTransport(): OwnedTransport {
    const inner = new InProcessTransport({ clock: this.clock, handlers: this.handlers });
    this.openedCount++;
    const transport: OwnedTransport = {
      send: (request, signal) => {
        if (!this.open.has(transport)) throw new Error("the transport is closed");
        return inner.send(request, signal);
      },
      close: async () => void this.open.delete(transport),
    };
    this.open.add(transport);
    return transport;
  }
}

/** alerting.alertmanagers, given as YAML in flow style. */
function configs(yaml: string): readonly AlertmanagerTargetConfig[] {
  return loadPrometheusConfig(`alerting: { alertmanagers: [${yaml}] }`, "prometheus.yml").alerting.alertmanagers;
}

const targets = (...addresses: string[]): string =>
  `static_configs: [{ targets: [${addresses.map((each) => `"${each}"`).join(",")}] }]`;

function alerts(count: number, prefix = "A"): PostableAlert[] {
  return Array.from({ length: count }, (_, index) => ({
    labels: { alertname: `${prefix}${index}` },
    annotations: {},
    startsAtMs: startMs,
    endsAtMs: startMs + 240_000,
    generatorUrl: "http://prometheus:9090/graph",
  }));
}

const names = (received: readonly PostableAlert[]): unknown[] => received.map(({ labels }) => labels["alertname"]);

describeAlertSink("AlertmanagerSink", () => {
  const bench = new SinkBench();
  const alertmanager = bench.alertmanager("am:9093");
  bench.sink.apply(configs(`{ ${targets("am:9093")} }`));
  return { sink: bench.sink, received: () => alertmanager.received };
});

describe("an Alertmanager sink", () => {
  let bench: SinkBench;
  beforeEach(() => {
    bench = new SinkBench();
  });

  test("sends to all of them, in batches and in order", async () => {
    const [one, two] = [bench.alertmanager("one:1"), bench.alertmanager("two:1")];
    bench.sink.apply(configs(`{ ${targets("one:1", "two:1")} }`));
    bench.sink.send(alerts(600));
    await bench.clock.advance(0);
    for (const { received, requestCount } of [one, two]) {
      expect(names(received)).toEqual(names(alerts(600)));
      expect(requestCount).toBe(3);
    }
    expect(bench.droppedCount).toBe(0);
  });

  test("one that is named twice gets every alert once", async () => {
    const one = bench.alertmanager("one:1");
    bench.sink.apply(configs(`{ ${targets("one:1", "one:1")} }, { timeout: 5s, ${targets("one:1")} }`));
    expect(bench.sink.urls()).toEqual(["http://one:1/api/v2/alerts"]);
    bench.sink.send(alerts(1));
    await bench.clock.advance(0);
    expect(one.received).toHaveLength(1);
  });

  test("one that is away or answers 500 costs its alerts and no others", async () => {
    const [failing, healthy] = [bench.alertmanager("failing:1"), bench.alertmanager("healthy:1")];
    failing.answer = async () => 500;
    bench.sink.apply(configs(`{ ${targets("away:1", "failing:1", "healthy:1")} }`));
    bench.sink.send(alerts(2));
    await bench.clock.advance(30_000);
    expect(healthy.received).toHaveLength(2);
    expect(bench.dropped.map(({ url, alertCount }) => [url, alertCount])).toEqual(
      expect.arrayContaining([
        ["http://away:1/api/v2/alerts", 2],
        ["http://failing:1/api/v2/alerts", 2],
      ]),
    );
    expect(bench.dropped.map(({ reason }) => reason).join()).toContain("bad response status 500");

    failing.answer = async () => 200;
    bench.sink.send(alerts(1, "Later"));
    await bench.clock.advance(0);
    expect(names(failing.received)).toEqual(["Later0"]);
  });

  test("one that hangs is given up after its timeout, and delays no other", async () => {
    const [slow, healthy] = [bench.alertmanager("slow:1"), bench.alertmanager("healthy:1")];
    slow.answer = () => new Promise(() => undefined);
    bench.sink.apply(configs(`{ timeout: 7s, ${targets("slow:1", "healthy:1")} }`));
    bench.sink.send(alerts(1));
    bench.sink.send(alerts(1, "B"));
    await bench.clock.advance(6_900);
    expect(names(healthy.received)).toEqual(["A0", "B0"]);
    expect(bench.droppedCount).toBe(0);
    await bench.clock.advance(200);
    expect(bench.dropped).toEqual([
      {
        url: "http://slow:1/api/v2/alerts",
        alertCount: 1,
        reason: expect.stringContaining("context deadline exceeded"),
      },
    ]);
    expect(slow.requestCount).toBe(2);
  });

  test("what waits is bounded: the oldest alerts go, and are counted", async () => {
    const slow = bench.alertmanager("slow:1");
    let open = (_status: number): void => undefined;
    slow.answer = () => new Promise((resolve) => (open = resolve));
    bench.sink.apply(configs(`{ ${targets("slow:1")} }`));
    bench.sink.send(alerts(1, "UnderWay"));
    bench.sink.send(alerts(queueCapacity));
    bench.sink.send(alerts(5, "Newest"));
    expect(bench.sink.queueLengths()).toEqual(new Map([["http://slow:1/api/v2/alerts", queueCapacity]]));
    expect(bench.dropped).toEqual([{ url: "http://slow:1/api/v2/alerts", alertCount: 5, reason: "the queue is full" }]);
    slow.answer = async () => 200;
    open(200);
    await bench.clock.advance(0);
    expect(names(slow.received).slice(0, 2)).toEqual(["UnderWay0", "A5"]);
    expect(names(slow.received).at(-1)).toBe("Newest4");
  });

  test("three hundred thousand alerts at once are survived", async () => {
    const one = bench.alertmanager("one:1");
    bench.sink.apply(configs(`{ ${targets("one:1")} }`));
    bench.sink.send(alerts(300_000));
    expect(bench.droppedCount).toBe(290_000);
    await bench.clock.advance(0);
    expect(one.received).toHaveLength(queueCapacity);
    expect(names(one.received).at(-1)).toBe("A299999");
  });

  test("alerts are relabelled for one Alertmanager alone", async () => {
    const [plain, relabelled] = [bench.alertmanager("plain:1"), bench.alertmanager("relabelled:1")];
    const rules = `alert_relabel_configs: [{ source_labels: [alertname], regex: A1, action: drop }, { target_label: site, replacement: lab }]`;
    bench.sink.apply(configs(`{ ${targets("plain:1")} }, { ${rules}, ${targets("relabelled:1")} }`));
    bench.sink.send(alerts(2));
    await bench.clock.advance(0);
    expect(plain.received.map(({ labels }) => labels)).toEqual([{ alertname: "A0" }, { alertname: "A1" }]);
    expect(relabelled.received.map(({ labels }) => labels)).toEqual([{ alertname: "A0", site: "lab" }]);
    expect(bench.droppedCount).toBe(0);
  });
});

describe("an Alertmanager that nobody answers for", () => {
  let bench: SinkBench;
  beforeEach(() => {
    bench = new SinkBench();
    bench.sink.apply(configs(`{ ${targets("late:1")} }`));
  });

  test.each([0, 3, 20])(
    "gets what fired meanwhile once it is there, after %d s, in order and once",
    async (seconds) => {
      bench.sink.send(alerts(300));
      await bench.clock.advance(seconds * 1000);
      bench.sink.send(alerts(1, "Later"));
      const late = bench.alertmanager("late:1");
      await bench.clock.advance(5000);
      expect(names(late.received)).toEqual([...names(alerts(300)), "Later0"]);
      expect(bench.droppedCount).toBe(0);
      expect(bench.outcomes.map(({ error }) => error)).toEqual(bench.outcomes.map(() => null));
    },
  );

  test("is not spoken of in the first seconds, and then once", async () => {
    bench.sink.send(alerts(1));
    await bench.clock.advance(4900);
    expect(bench.waits).toEqual([]);
    await bench.clock.advance(20_000);
    expect(bench.waits).toEqual([
      { url: "http://late:1/api/v2/alerts", reason: expect.stringContaining("connection refused") },
    ]);
  });

  test("is waited for for half a minute, whatever comes meanwhile; then alerts are dropped, said and counted", async () => {
    bench.sink.send(alerts(600));
    await bench.clock.advance(25_000);
    expect(bench.droppedCount).toBe(0);
    await bench.clock.advance(5000);
    expect(bench.droppedCount).toBe(600);
    bench.sink.send(alerts(1, "Later"));
    await bench.clock.advance(0);
    expect(bench.droppedCount).toBe(601);
    expect(bench.outcomes.reduce((total, { alertCount }) => total + alertCount, 0)).toBe(601);
  });

  test("is waited for again after it was there", async () => {
    const late = bench.alertmanager("late:1");
    for (const round of ["A", "B"]) {
      bench.handlers.delete("late:1");
      bench.sink.send(alerts(1, round));
      await bench.clock.advance(20_000);
      bench.handlers.set("late:1", late.handle);
      await bench.clock.advance(5000);
    }
    expect(names(late.received)).toEqual(["A0", "B0"]);
    expect(bench.droppedCount).toBe(0);
  });

  test("does not delay the end", async () => {
    bench.sink.send(alerts(300));
    await bench.clock.advance(1000);
    await bench.sink.close();
    expect(bench.droppedCount).toBe(300);
    expect(bench.clock.nowMs()).toBe(startMs + 1000);
  });
});

describe("alerts that an Alertmanager does not want", () => {
  let bench: SinkBench;
  let strict: RecordingAlertmanager;
  beforeEach(() => {
    bench = new SinkBench();
    strict = bench.alertmanager("strict:1");
    bench.sink.apply(configs(`{ ${targets("strict:1")} }`));
  });
  const sixteenMebibytes = 16 * 1024 * 1024;
  const large = (count: number, sizeBytes: number): PostableAlert[] =>
    alerts(count).map((alert) => ({ ...alert, annotations: { description: "x".repeat(sizeBytes) } }));

  test("256 of 100 kB each go in requests that any receiver takes", async () => {
    strict.answer = async (_alerts, sizeBytes) => (sizeBytes > sixteenMebibytes ? 413 : 200);
    bench.sink.send(large(256, 100_000));
    await bench.clock.advance(0);
    expect(names(strict.received)).toEqual(names(alerts(256)));
    expect(Math.max(...strict.bodySizesBytes)).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(bench.droppedCount).toBe(0);
  });

  test("characters of several bytes count as what they are", async () => {
    bench.sink.send(alerts(2).map((alert) => ({ ...alert, annotations: { summary: "\u20ac".repeat(1_000_000) } })));
    await bench.clock.advance(0);
    expect(strict.requestCount).toBe(2);
  });

  test.each([400, 413, 422])("with %d, one bad alert costs itself only, and is named", async (status) => {
    strict.answer = async (received) => (names(received).includes("A77") ? status : 200);
    strict.answerText = '"invalid\nlabel set"\n';
    bench.sink.send(alerts(256));
    await bench.clock.advance(0);
    expect(names(strict.received)).toEqual(names(alerts(256)).filter((name) => name !== "A77"));
    expect(strict.requestCount).toBeLessThanOrEqual(17);
    expect(bench.dropped).toEqual([
      {
        url: "http://strict:1/api/v2/alerts",
        alertCount: 1,
        reason: `bad response status ${status}: "invalid label set" ("A77")`,
      },
    ]);
  });

  test("one that is too large for the receiver alone is dropped alone", async () => {
    strict.answer = async (_alerts, sizeBytes) => (sizeBytes > sixteenMebibytes ? 413 : 200);
    bench.sink.send([...alerts(3), ...large(1, sixteenMebibytes), ...alerts(3, "B")]);
    await bench.clock.advance(0);
    expect(names(strict.received)).toEqual([...names(alerts(3)), ...names(alerts(3, "B"))]);
    expect(bench.droppedCount).toBe(1);
  });

  test("a receiver that refuses everything is not asked for ever, and is spoken of once for a batch", async () => {
    strict.answer = async () => 400;
    bench.sink.send(alerts(256));
    await bench.clock.advance(0);
    expect(strict.requestCount).toBeLessThanOrEqual(257);
    expect(bench.dropped).toEqual([
      {
        url: "http://strict:1/api/v2/alerts",
        alertCount: 256,
        reason: 'bad response status 400 ("A0", "A1", "A2" and 253 more)',
      },
    ]);
  });

  test("a receiver in trouble is asked once: halves would not help it", async () => {
    strict.answer = async () => 503;
    bench.sink.send(alerts(256));
    await bench.clock.advance(0);
    expect(strict.requestCount).toBe(1);
    expect(bench.droppedCount).toBe(256);
  });
});

describe("a reload while alerts are queued", () => {
  let bench: SinkBench;
  let slow: RecordingAlertmanager;
  let open: (status: number) => void;
  beforeEach(() => {
    bench = new SinkBench();
    slow = bench.alertmanager("slow:1");
    slow.answer = () => new Promise((resolve) => (open = resolve));
    bench.sink.apply(configs(`{ ${targets("slow:1")} }`));
    bench.sink.send(alerts(300));
  });
  const recover = async (): Promise<void> => {
    slow.answer = async () => 200;
    open(200);
    await bench.clock.advance(0);
  };

  test("with other credentials, the queue goes on in order and the request under way is not cut", async () => {
    bench.sink.apply(configs(`{ basic_auth: { username: me, password: new }, ${targets("slow:1")} }`));
    bench.sink.send(alerts(1, "After"));
    await bench.clock.advance(0);
    expect(bench.open.size).toBe(2);
    await recover();
    expect(names(slow.received)).toEqual([...names(alerts(300)), "After0"]);
    expect(bench.droppedCount).toBe(0);
    expect([bench.open.size, bench.openedCount]).toEqual([1, 2]);
  });

  test("without a change, connections are kept", async () => {
    bench.sink.apply(configs(`{ ${targets("slow:1", "other:1")} }`));
    await recover();
    expect([bench.open.size, bench.openedCount]).toEqual([1, 1]);
    expect(slow.received).toHaveLength(300);
  });

  test("one that is taken away still gets what was queued, and nothing more", async () => {
    const next = bench.alertmanager("next:1");
    bench.sink.apply(configs(`{ scheme: http, basic_auth: { username: a }, ${targets("next:1")} }`));
    bench.sink.send(alerts(1, "After"));
    await recover();
    expect(slow.received).toHaveLength(300);
    expect(names(next.received)).toEqual(["After0"]);
    expect(bench.open.size).toBe(1);
  });

  test("closing does not wait longer than it is told, and counts what is lost", async () => {
    const giveUp = new AbortController();
    const closed = bench.sink.close(giveUp.signal);
    await bench.clock.advance(5000);
    expect(bench.droppedCount).toBe(0);
    giveUp.abort();
    await closed;
    expect(bench.droppedCount).toBe(300);
    expect(bench.open.size).toBe(0);
  });
});
