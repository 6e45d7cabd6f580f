import type { Clock, HttpRequest, HttpTransportError } from "@tatou/model";
import { requestError } from "./client-error.ts";

/** When a request ends before its answer has come: at its timeout, or as its caller says. */
export class RequestDeadline {
  readonly #request: HttpRequest;
  readonly #callerSignal: AbortSignal | undefined;
  readonly #cancelTimeout: (() => void) | undefined;
  #reason: HttpTransportError | null = null;
  #onStop: ((reason: HttpTransportError) => void) | null = null;
  #controller: AbortController | null = null;

  constructor(request: HttpRequest, clock: Clock, signal?: AbortSignal) {
    this.#request = request;
    this.#callerSignal = signal;
    if (signal?.aborted === true) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort);
    this.#cancelTimeout =
      request.timeoutMs === undefined
        ? undefined
        : clock.schedule(request.timeoutMs, () =>
            this.#stop(requestError("timeout", "context deadline exceeded", request)),
          );
  }

  /** Why it has ended; null while it has not. */
  get reason(): HttpTransportError | null {
    return this.#reason;
  }

  /** Calls back when it ends, at once when it has; takes the place of the callback before. */
  onStop(callback: ((reason: HttpTransportError) => void) | null): void {
    this.#onStop = callback;
    if (this.#reason !== null) callback?.(this.#reason);
  }

  /** The same for what wants a signal, which is made when it is asked for. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== null) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  /** The request is over. */
  close(): void {
    this.#cancelTimeout?.();
    this.#callerSignal?.removeEventListener("abort", this.#onAbort);
    this.#onStop = null;
  }

  readonly #onAbort = (): void => {
    this.#stop(requestError("aborted", "context canceled", this.#request, this.#callerSignal?.reason));
  };

  #stop(reason: HttpTransportError): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#onStop?.(reason);
    this.#controller?.abort(reason);
  }
}
