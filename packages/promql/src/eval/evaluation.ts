import type { Queryable, SeriesQuery, SeriesSelection } from "@tatou/model";
import { QueryCanceledError, QueryLimitError, QueryTimeoutError } from "../errors.ts";
import type { Expr } from "../parser/ast.ts";
import type { FeatureOptions } from "../parser/features.ts";
import { Annotations } from "./annotations.ts";
import type { EvaluationContext } from "./query-result.ts";
import type { StepSeries } from "./step-series.ts";
import type { Steps } from "./steps.ts";

/** What all parts of one query share while it runs: options, limits, annotations, and when to let others run. */
export class Evaluation {
  readonly queryable: Queryable;
  readonly lookbackDeltaMs: number;
  readonly features: FeatureOptions;
  readonly noStepSubqueryIntervalMs: number;
  readonly annotations = new Annotations();
  /** What start(), end(), step() and range() mean. */
  readonly query: QueryWindow;
  /** Expressions whose value is the same at every step. */
  readonly stepInvariant: ReadonlySet<Expr>;
  readonly signal: AbortSignal | undefined;
  /** The samples that steps looked at so far: at each step one for a selected element, and all of a window. */
  samplesRead = 0;
  readonly #samplesMax: number;
  readonly #yieldTurn: (() => Promise<void>) | undefined;
  #samplesHeld = 0;
  #samplesPeak = 0;
  #workInTurn = 0;

  constructor(context: EvaluationContext, query: QueryWindow, stepInvariant: ReadonlySet<Expr>) {
    this.queryable = context.queryable;
    this.lookbackDeltaMs = context.lookbackDeltaMs ?? 300_000;
    this.features = context.features ?? {};
    this.noStepSubqueryIntervalMs = context.noStepSubqueryIntervalMs ?? 60_000;
    this.query = query;
    this.stepInvariant = stepInvariant;
    this.signal = context.signal;
    this.#samplesMax = context.samplesMax ?? 50_000_000;
    this.#yieldTurn = context.yieldTurn;
  }

  get delaysNameRemoval(): boolean {
    return this.features.delayedNameRemoval === true;
  }

  /**
   * Counts work, in samples looked at; true when a turn's worth is done: the caller then awaits `pause`. The split keeps
   * the common case, going on, free of promises.
   */
  isTurnOver(work: number): boolean {
    this.#workInTurn += work;
    return this.#workInTurn >= workPerTurn;
  }

  /** @throws {QueryCanceledError | QueryTimeoutError} the signal is aborted */
  async pause(): Promise<void> {
    this.#workInTurn = 0;
    this.throwIfAborted();
    await this.#yieldTurn?.();
    this.throwIfAborted();
  }

  throwIfAborted(): void {
    if (this.signal?.aborted !== true) return;
    const { reason } = this.signal;
    const isTimeout = reason instanceof Error && reason.name === "TimeoutError";
    throw isTimeout ? new QueryTimeoutError(reason) : new QueryCanceledError(reason);
  }

  /** The samples held by results so far, a place per series and step, whether there is a value or not; to be handed to `holdOnly` when a part of the query is done. */
  get samplesHeld(): number {
    return this.#samplesHeld;
  }

  /** The most samples that were there at a time, counted as `samplesHeld` counts them. */
  get samplesPeak(): number {
    return this.#samplesPeak;
  }

  /** Asks the queryable; the caller closes the selection. */
  async select(query: SeriesQuery): Promise<SeriesSelection> {
    this.throwIfAborted();
    try {
      return await this.queryable.select(query, this.signal);
    } catch (error) {
      // A store that gave up because of the signal says so in its own words.
      this.throwIfAborted();
      throw error;
    }
  }

  /** @throws {QueryLimitError} that many samples more would be too many */
  hold(count: number): void {
    this.checkRoom(count);
    this.#samplesHeld += count;
  }

  /** After a part of the query: what was held before it, and its result. */
  holdOnly(before: number, result: readonly StepSeries[]): void {
    this.#samplesHeld = before;
    let count = 0;
    for (const series of result) count += series.values.length;
    this.hold(count);
  }

  /** @throws {QueryLimitError} that many samples at a time would be too many */
  checkRoom(count: number): void {
    this.#samplesPeak = Math.max(this.#samplesPeak, this.#samplesHeld + count);
    if (this.#samplesPeak <= this.#samplesMax) return;
    throw new QueryLimitError("query processing would load too many samples into memory in query execution", {
      hint: "Ask for a shorter range, a longer step or fewer series",
    });
  }

  /** @throws {QueryLimitError} a subquery has more steps than samples are allowed */
  checkedSteps(steps: Steps): Steps {
    this.checkRoom(steps.count);
    return steps;
  }
}

export interface QueryWindow {
  readonly startMs: number;
  readonly endMs: number;
  /** 0 for an instant query. */
  readonly stepMs: number;
}

/** About a millisecond of work: short enough for a server to stay responsive. */
const workPerTurn = 100_000;
