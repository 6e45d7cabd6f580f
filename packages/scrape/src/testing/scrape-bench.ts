import type { ScrapeConfig } from "@tatou/config";
import { InProcessTransport, nodeYieldTurn } from "@tatou/http";
import {
  type HttpHandler,
  type HttpRequest,
  type HttpResponse,
  MemoryStore,
  makeMatcher,
  VirtualClock,
} from "@tatou/model";
import { readAll, type TestSample } from "@tatou/model/testing";
import { ScrapeManager, type ScrapeManagerOptions } from "../scrape-manager.ts";
import { scrapeConfig } from "./scrape-config.ts";

/** 2026-11-22T12:00:00Z */
export const noonMs = 1_795_348_800_000;

/** A body, a whole answer, nobody there, or a program that never answers. */
type Answer = string | HttpResponse | typeof refuses | typeof hangs;
export const refuses = Symbol("refuses");
export const hangs = Symbol("hangs");

/** A manager in virtual time that scrapes programs whose answers the test sets. */
export class ScrapeBench {
  readonly clock = new VirtualClock(noonMs, nodeYieldTurn);
  readonly store: MemoryStore;
  readonly manager: ScrapeManager;
  readonly requests: HttpRequest[] = [];
  readonly #handlers = new Map<string, HttpHandler>();

  constructor(options: Partial<ScrapeManagerOptions> = {}, store = new MemoryStore()) {
    this.store = store;
    this.manager = new ScrapeManager({
      appendable: this.store,
      clock: this.clock,
      openTransport: () => new InProcessTransport({ clock: this.clock, handlers: this.#handlers }),
      ...options,
    });
  }

  /** What the program at an address answers from now on. */
  answer(answer: Answer, address = "app:80"): void {
    if (answer === refuses) {
      this.#handlers.delete(address);
      return;
    }
    this.#handlers.set(address, (request) => {
      this.requests.push(request);
      if (answer === hangs) return new Promise(() => {});
      return Promise.resolve(typeof answer === "string" ? plainText(answer) : answer);
    });
  }

  apply(...jobs: (Partial<ScrapeConfig> & { readonly targets?: readonly string[] })[]): void {
    this.manager.apply({ scrapeConfigs: jobs.map(scrapeConfig) });
  }

  /** Lets so many scrape intervals of 10 s pass. */
  async scrapes(count: number): Promise<void> {
    await this.clock.advance(count * 10_000);
  }

  /** Series of a metric: labels without the name, and values in order. */
  async values(metricName: string): Promise<{ labels: Record<string, string>; values: TestSample[1][] }[]> {
    const found = await this.series(metricName);
    return found.map(({ labels, samples }) => ({ labels, values: samples.map(([, value]) => value) }));
  }

  async series(metricName: string): Promise<{ labels: Record<string, string>; samples: readonly TestSample[] }[]> {
    const matchers = [makeMatcher("__name__", "=", metricName)];
    const found = await readAll(this.store, { matchers, minTimeMs: 0, maxTimeMs: Number.MAX_SAFE_INTEGER });
    return found.map(({ labels: { __name__: _name, ...labels }, samples }) => ({ labels, samples }));
  }
}

export function plainText(text: string, contentType = "text/plain; version=0.0.4"): HttpResponse {
  return { status: 200, headers: { "content-type": contentType }, body: new TextEncoder().encode(text) };
}
