import type { ValueType } from "./ast.ts";

/** What a function takes and gives. */
export interface FunctionForm {
  readonly name: string;
  readonly args: readonly ValueType[];
  /**
   * 0: exactly `args`. Above 0: the last of `args` may be left out or stand that many times. -1: it may be left out or
   * stand any number of times.
   */
  readonly variadic: number;
  readonly returns: ValueType;
  readonly isExperimental: boolean;
}

/** All functions of PromQL by name. @see Prometheus documentation, "Query functions" */
export const functionTable: ReadonlyMap<string, FunctionForm> = new Map(
  [
    ...forms("vector", "vector", [
      ...["abs", "absent", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "deg", "exp"],
      ...["floor", "histogram_avg", "histogram_count", "histogram_stddev", "histogram_stdvar", "histogram_sum", "ln"],
      ...["log10", "log2", "rad", "sgn", "sin", "sinh", "sort", "sort_desc", "sqrt", "tan", "tanh", "timestamp"],
    ]),
    ...forms("matrix", "vector", [
      ...["absent_over_time", "avg_over_time", "changes", "count_over_time", "delta", "deriv", "idelta", "increase"],
      ...["irate", "last_over_time", "max_over_time", "min_over_time", "present_over_time", "rate", "resets"],
      ...["stddev_over_time", "stdvar_over_time", "sum_over_time"],
    ]),
    ...forms("vector?", "vector", [
      ...["day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month", "year"],
    ]),
    ...forms("vector scalar scalar", "vector", ["clamp"]),
    ...forms("vector scalar", "vector", ["clamp_max", "clamp_min"]),
    ...forms("scalar scalar vector", "vector", ["histogram_fraction"]),
    ...forms("scalar vector", "vector", ["histogram_quantile"]),
    ...forms("vector string string string string", "vector", ["label_replace"]),
    ...forms("vector string string string*", "vector", ["label_join"]),
    ...forms("matrix scalar", "vector", ["predict_linear"]),
    ...forms("scalar matrix", "vector", ["quantile_over_time"]),
    ...forms("vector scalar?", "vector", ["round"]),
    ...forms("scalar", "vector", ["vector"]),
    ...forms("vector", "scalar", ["scalar"]),
    ...forms("", "scalar", ["pi", "time"]),
    ...experimental([
      ...forms("matrix scalar scalar", "vector", ["double_exponential_smoothing"]),
      ...forms("matrix", "vector", [
        ...["first_over_time", "mad_over_time", "ts_of_first_over_time", "ts_of_last_over_time"],
        ...["ts_of_max_over_time", "ts_of_min_over_time"],
      ]),
      ...forms("vector string scalar scalar{10}", "vector", ["histogram_quantiles"]),
      ...forms("vector vector?", "vector", ["info"]),
      ...forms("vector string*", "vector", ["sort_by_label", "sort_by_label_desc"]),
      ...forms("vector", "vector", ["start_timestamp"]),
      ...forms("scalar scalar", "scalar", ["max_of", "min_of"]),
      ...forms("", "scalar", ["end", "range", "start", "step"]),
    ]),
  ].map((form) => [form.name, form]),
);

/** Reads argument types; on the last one, ? is "may be left out", * any number of times, {n} up to n times. */
function forms(args: string, returns: ValueType, names: readonly string[]): FunctionForm[] {
  const suffix = /(?:\?|\*|\{(\d+)\})$/.exec(args);
  const variadic = suffix === null ? 0 : suffix[0] === "?" ? 1 : suffix[0] === "*" ? -1 : Number(suffix[1]);
  const types = args.slice(0, suffix?.index ?? args.length).split(" ");
  return names.map((name) => ({
    name,
    args: types.filter((type) => type !== "") as ValueType[],
    variadic,
    returns,
    isExperimental: false,
  }));
}

function experimental(stable: readonly FunctionForm[]): FunctionForm[] {
  return stable.map((form) => ({ ...form, isExperimental: true }));
}
