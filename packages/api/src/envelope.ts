/** The envelope around every answer of Prometheus' HTTP API. */
export interface SuccessEnvelope<T> {
  readonly status: "success";
  readonly data: T;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

export interface ErrorEnvelope {
  readonly status: "error";
  readonly errorType: ApiErrorType;
  readonly error: string;
}

export type ApiErrorType =
  | "bad_data"
  | "execution"
  | "timeout"
  | "canceled"
  | "internal"
  | "unavailable"
  | "not_found"
  | "not_acceptable";

/** Which HTTP status goes with an error type, as in Prometheus. */
export const apiErrorStatus: Readonly<Record<ApiErrorType, number>> = {
  bad_data: 400,
  execution: 422,
  timeout: 503,
  canceled: 499,
  internal: 500,
  unavailable: 503,
  not_found: 404,
  not_acceptable: 406,
};

export function successEnvelope<T>(data: T, warnings: readonly string[] = []): SuccessEnvelope<T> {
  return warnings.length === 0 ? { status: "success", data } : { status: "success", data, warnings };
}

export function errorEnvelope(errorType: ApiErrorType, error: string): ErrorEnvelope {
  return { status: "error", errorType, error };
}
