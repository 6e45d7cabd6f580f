import type { HttpRequest, HttpResponse } from "@tatou/model";
import type { DrillWorld } from "../drill-world.ts";

/** A course of requests that depend on each other, named in a drill file as `act: <name>`. */
export interface DrillAct {
  /**
   * Ends when the course is over, or rejects with the signal's reason when the drill is ended before.
   *
   * @param parameters as the drill file has them
   * @throws {DrillSetupError} the course cannot be run here, or with these parameters
   */
  (parameters: ActParameters, context: ActContext): Promise<void>;
  /** Which parameters it takes; absent where it takes any. */
  readonly parameterNames?: readonly string[];
}

export type ActParameters = Readonly<Record<string, string | number>>;

/** What an act has to work with. */
export interface ActContext {
  readonly world: DrillWorld;
  /**
   * Sends a request to the platform, whatever host stands in its address, and counts it; null when no answer came.
   *
   * @param options.answers statuses that show that the platform met the attack; any, when absent or empty
   */
  readonly send: (
    request: HttpRequest,
    options?: { readonly answers?: readonly number[] },
  ) => Promise<HttpResponse | null>;
  /**
   * The bearer token of a user of this name, who signs up and in when first asked for.
   *
   * @param sourceIndex which of the drill's addresses the user comes from; when absent, one that does nothing else
   */
  readonly session: (name: string, sourceIndex?: number) => Promise<string>;
}
