import type { Clock, Queryable } from "@tatou/model";
import {
  type EvaluationRange,
  evaluateInstant,
  evaluateRange,
  type FeatureOptions,
  parseExpr,
  type QueryResult,
} from "@tatou/promql";
import { QueryAbandonedError, QueryQueueFullError, type QueryStage, QueryTimeoutError } from "../errors.ts";

export interface QueryServiceOptions {
  readonly queryable: Queryable;
  readonly clock: Clock;
  readonly lookbackDeltaMs: number;
  readonly timeoutMs: number;
  readonly samplesMax: number;
  readonly concurrencyMax: number;
  readonly features: FeatureOptions;
  /** Lets the event loop serve others between two pieces of a long evaluation. */
  readonly yieldTurn: () => Promise<void>;
  /** Hears how long each query took, waiting included. */
  readonly onDone: (durationMs: number) => void;
}

/** How long the parts of a query took. */
export interface QueryTimings {
  /** From asking to having a place. */
  readonly queueMs: number;
  readonly evaluationMs: number;
}

export interface TimedResult extends QueryResult {
  readonly timings: QueryTimings;
}

/** What one caller may ask for beside the expression. */
export interface QueryRequest {
  readonly text: string;
  /** Shortens the service's own limit, never lengthens it. */
  readonly timeoutMs?: number;
  readonly lookbackDeltaMs?: number;
  /** Aborted when the client is gone. */
  readonly signal?: AbortSignal;
}

const timeIsUp = new Error("the query's time is up");
const clientIsGone = new Error("the client is gone");

/** Queries that wait for a place; beyond, they are refused at once instead of piling up. */
const waitingMax = 256;

/** Answers the queries of users: so many at a time, each within its time. Rules do not pass through here. */
export class QueryService {
  readonly #options: QueryServiceOptions;
  readonly #waiting: (() => void)[] = [];
  #activeCount = 0;

  constructor(options: QueryServiceOptions) {
    this.#options = options;
  }

  /** @throws {QuerySyntaxError | QueryExecutionError | QueryTimeoutError | QueryAbandonedError | QueryQueueFullError} */
  instant(request: QueryRequest, timeMs: number): Promise<TimedResult> {
    const expr = parseExpr(request.text, this.#options.features);
    return this.#run(request, (signal) => evaluateInstant(this.#context(request, signal), expr, timeMs));
  }

  /** As `instant`; the caller has checked the range. */
  range(request: QueryRequest, range: EvaluationRange): Promise<TimedResult> {
    const expr = parseExpr(request.text, this.#options.features);
    return this.#run(request, (signal) => evaluateRange(this.#context(request, signal), expr, range));
  }

  #context(request: QueryRequest, signal: AbortSignal) {
    const { queryable, lookbackDeltaMs, samplesMax, features, yieldTurn } = this.#options;
    return {
      queryable,
      lookbackDeltaMs: request.lookbackDeltaMs ?? lookbackDeltaMs,
      samplesMax,
      features,
      yieldTurn,
      signal,
    };
  }

  async #run(request: QueryRequest, evaluate: (signal: AbortSignal) => Promise<QueryResult>): Promise<TimedResult> {
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    const timeoutMs = Math.min(request.timeoutMs ?? Number.POSITIVE_INFINITY, this.#options.timeoutMs);
    const controller = new AbortController();
    const { signal } = controller;
    const cancelTimer = clock.schedule(timeoutMs, () => controller.abort(timeIsUp));
    const onGone = (): void => controller.abort(clientIsGone);
    if (timeoutMs <= 0) controller.abort(timeIsUp);
    if (request.signal?.aborted === true) onGone();
    request.signal?.addEventListener("abort", onGone, { once: true });
    let stage: QueryStage = "query queue";
    try {
      await this.#enter(signal);
      try {
        stage = "expression evaluation";
        const enteredMs = clock.monotonicMs();
        const result = await evaluate(signal);
        const timings = { queueMs: enteredMs - startedMs, evaluationMs: clock.monotonicMs() - enteredMs };
        return { ...result, timings };
      } finally {
        this.#leave();
      }
    } catch (error) {
      // What an evaluation says when it is cut short depends on where that happens; the reason does not.
      if (!signal.aborted) throw error;
      throw signal.reason === timeIsUp ? new QueryTimeoutError(stage) : new QueryAbandonedError(stage);
    } finally {
      this.#options.onDone(clock.monotonicMs() - startedMs);
      cancelTimer();
      request.signal?.removeEventListener("abort", onGone);
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#activeCount < this.#options.concurrencyMax) {
      this.#activeCount++;
      return;
    }
    if (this.#waiting.length >= waitingMax) throw new QueryQueueFullError(this.#waiting.length);
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(signal.reason);
      };
      this.#waiting.push(enter);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** Hands the place to who waits longest, so the count of active queries stays. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#activeCount--;
    else next();
  }
}
