type Values = readonly (number | string | null)[];

/** The numbers among the values, without NaN. */
function numbersOf(values: Values): number[] {
  return values.filter((value) => typeof value === "number" && !Number.isNaN(value)) as number[];
}

function sumOf(numbers: readonly number[]): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
}

function extreme(numbers: readonly number[], better: (left: number, right: number) => boolean): number | null {
  let best: number | null = null;
  for (const number of numbers) if (best === null || better(number, best)) best = number;
  return best;
}

type Reducer = (values: Values) => number | string | null;

const isPresent = (value: number | string | null): boolean => value !== null && !Number.isNaN(value);
const minOf = (values: Values): number | null => extreme(numbersOf(values), (left, right) => left < right);
const maxOf = (values: Values): number | null => extreme(numbersOf(values), (left, right) => left > right);
const meanOf = (values: Values): number | null => {
  const numbers = numbersOf(values);
  return numbers.length === 0 ? null : sumOf(numbers) / numbers.length;
};
const firstPresent = (values: Values): number | string | null => values.find(isPresent) ?? null;
const lastPresent = (values: Values): number | string | null => values.findLast(isPresent) ?? null;

/** By the names that dashboards use, old ones included. */
const reducers: ReadonlyMap<string, Reducer> = new Map<string, Reducer>([
  ["lastNotNull", lastPresent],
  ["current", lastPresent],
  ["last", (values) => values.at(-1) ?? null],
  ["firstNotNull", firstPresent],
  ["first", (values) => values[0] ?? null],
  ["min", minOf],
  ["max", maxOf],
  ["mean", meanOf],
  ["avg", meanOf],
  ["sum", (values) => (numbersOf(values).length === 0 ? null : sumOf(numbersOf(values)))],
  ["total", (values) => (numbersOf(values).length === 0 ? null : sumOf(numbersOf(values)))],
  ["count", (values) => values.length],
  ["range", (values) => difference(maxOf(values), minOf(values))],
  ["diff", (values) => difference(lastPresent(values), firstPresent(values))],
  ["diffperc", relativeDifference],
  ["delta", increase],
  ["logmin", (values) => minOf(values.filter((value) => typeof value === "number" && value > 0))],
  ["allIsZero", (values) => Number(numbersOf(values).every((number) => number === 0))],
  ["allIsNull", (values) => Number(!values.some(isPresent))],
  ["changeCount", (values) => values.filter((value, index) => index > 0 && value !== values[index - 1]).length],
  ["distinctCount", (values) => new Set(values).size],
  ["uniqueValues", (values) => [...new Set(values)].join(", ")],
  ["median", (values) => quantile(values, 0.5)],
  ["variance", variance],
  ["stdDev", (values) => squareRoot(variance(values))],
  ["name", () => null],
]);

/** Makes one value of many; null when there is none, or no reducer of that name. */
export function reduceValues(reducerName: string, values: Values): number | string | null {
  const percentile = /^p(\d{1,2})$/.exec(reducerName);
  if (percentile !== null) return quantile(values, Number(percentile[1]) / 100);
  return reducers.get(reducerName)?.(values) ?? null;
}

/** The short word for a legend's column head. */
export function reducerLabel(reducerName: string): string {
  return labels.get(reducerName) ?? reducerName;
}

const labels = new Map([
  ["lastNotNull", "last"],
  ["current", "last"],
  ["avg", "mean"],
  ["total", "sum"],
  ["firstNotNull", "first"],
]);

function difference(left: number | string | null, right: number | string | null): number | null {
  return typeof left === "number" && typeof right === "number" ? left - right : null;
}

function relativeDifference(values: Values): number | null {
  const first = firstPresent(values);
  const change = difference(lastPresent(values), first);
  return change === null || typeof first !== "number" || first === 0 ? null : change / first;
}

/** How far a counter rose, a fall being a reset to zero. */
function increase(values: Values): number | null {
  const numbers = numbersOf(values);
  if (numbers.length === 0) return null;
  let total = 0;
  for (let index = 1; index < numbers.length; index++) {
    const step = (numbers[index] ?? 0) - (numbers[index - 1] ?? 0);
    total += step >= 0 ? step : (numbers[index] ?? 0);
  }
  return total;
}

function quantile(values: Values, ratio: number): number | null {
  const numbers = numbersOf(values).sort((left, right) => left - right);
  return numbers[Math.min(numbers.length - 1, Math.floor(ratio * numbers.length))] ?? null;
}

function variance(values: Values): number | null {
  const mean = meanOf(values);
  if (mean === null) return null;
  const numbers = numbersOf(values);
  return sumOf(numbers.map((number) => (number - mean) ** 2)) / numbers.length;
}

function squareRoot(value: number | null): number | null {
  return value === null ? null : Math.sqrt(value);
}
