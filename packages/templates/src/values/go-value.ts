/**
 * What a template computes with: Go's values over plain JavaScript data. A whole number is a bigint and a float64 a
 * number, because templates tell them apart ({{ eq 1 1.0 }} is an error). Fields, keys and methods are looked up in maps
 * only, so nothing of JavaScript's own objects can be reached from a template.
 */
export type GoValue =
  /** Go's nil interface. */
  | null
  /** "No value": a missing key, an absent result. */
  | undefined
  | boolean
  | bigint
  | number
  | string
  | GoHtml
  | GoTime
  | GoDuration
  | GoList
  | GoMap
  | GoStruct
  | GoFunction;

/** Text that is marked as safe HTML: an escaping execution leaves it as it is. */
export interface GoHtml {
  readonly kind: "html";
  readonly typeName: "template.HTML" | "template.URL";
  readonly text: string;
}

export interface GoTime {
  readonly kind: "time";
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  /** "UTC" or an IANA name. */
  readonly zone: string;
}

export interface GoDuration {
  readonly kind: "duration";
  readonly durationMs: number;
}

export interface GoList {
  readonly kind: "list";
  /** As Go calls it, such as []string. */
  readonly typeName: string;
  readonly items: readonly GoValue[];
  readonly methods: GoMethods;
}

export interface GoMap {
  readonly kind: "map";
  readonly typeName: string;
  readonly entries: ReadonlyMap<string, GoValue>;
  /** What a missing key gives. */
  readonly zero: GoValue;
  readonly methods: GoMethods;
}

export interface GoStruct {
  readonly kind: "struct";
  readonly typeName: string;
  /** In the order of declaration. */
  readonly fields: ReadonlyMap<string, GoValue>;
  /** Names in JSON where they differ from the fields'. */
  readonly jsonNames: ReadonlyMap<string, string>;
  readonly methods: GoMethods;
}

export type GoMethods = ReadonlyMap<string, GoFunction>;

/** Something a template can call. */
export interface GoFunction {
  readonly kind: "function";
  /** Go's names of the parameter types, "any" for all values; a last "...T" takes any number of T. */
  readonly parameters: readonly string[];
  /** An error that it throws becomes "error calling <name>: <message>". */
  readonly call: (args: readonly GoValue[], run: FunctionRun) => GoValue | Promise<GoValue>;
}

/** What a running function may use of the execution around it. */
export interface FunctionRun {
  readonly signal: AbortSignal | undefined;
  /** The longest text a function may make, in UTF-16 code units. */
  readonly textLengthMax: number;
  /** Takes steps from the execution's budget. @throws {TemplateLimitError} it is used up */
  spend(stepCount: number): void;
}

/** The functions a template may call, by name. */
export type FunctionTable = ReadonlyMap<string, GoFunction>;

const noMethods: GoMethods = new Map();

export function goFunction(parameters: readonly string[], call: GoFunction["call"]): GoFunction {
  return { kind: "function", parameters, call };
}

export function goList(typeName: string, items: readonly GoValue[], methods: GoMethods = noMethods): GoList {
  return { kind: "list", typeName, items, methods };
}

/** A map[string]string, or with `typeName` a named type of that form. */
export function goStringMap(
  entries: Iterable<readonly [string, string]>,
  options: { readonly typeName?: string; readonly methods?: GoMethods } = {},
): GoMap {
  const { typeName = "map[string]string", methods = noMethods } = options;
  return { kind: "map", typeName, entries: new Map(entries), zero: "", methods };
}

/** A map[string]interface {}. */
export function goAnyMap(entries: Iterable<readonly [string, GoValue]>): GoMap {
  return {
    kind: "map",
    typeName: "map[string]interface {}",
    entries: new Map(entries),
    zero: null,
    methods: noMethods,
  };
}

export function goStruct(
  typeName: string,
  fields: Readonly<Record<string, GoValue>>,
  options: { readonly jsonNames?: Readonly<Record<string, string>>; readonly methods?: GoMethods } = {},
): GoStruct {
  return {
    kind: "struct",
    typeName,
    fields: new Map(Object.entries(fields)),
    jsonNames: new Map(Object.entries(options.jsonNames ?? {})),
    methods: options.methods ?? noMethods,
  };
}

export function goTime(timeMs: number, zone = "UTC"): GoTime {
  return { kind: "time", timeMs, zone };
}

export function goDuration(durationMs: number): GoDuration {
  return { kind: "duration", durationMs };
}

/** The name of a value's type as Go's messages tell it. */
export function typeNameOf(value: GoValue): string {
  switch (typeof value) {
    case "undefined":
      return "<nil>";
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return "float64";
    case "string":
      return "string";
    default:
      return value === null ? "<nil>" : objectTypeName(value);
  }
}

function objectTypeName(value: Exclude<GoValue, null | undefined | boolean | bigint | number | string>): string {
  switch (value.kind) {
    case "time":
      return "time.Time";
    case "duration":
      return "time.Duration";
    case "function":
      return `func(${value.parameters.join(", ")})`;
    case "html":
    case "list":
    case "map":
    case "struct":
      return value.typeName;
  }
}

/** Whether {{if}} takes the value for true: not zero, not empty, not nil. */
export function isTrue(value: GoValue): boolean {
  if (typeof value === "number") return value !== 0;
  if (typeof value !== "object" || value === null) return Boolean(value);
  switch (value.kind) {
    case "html":
      return value.text !== "";
    case "duration":
      return value.durationMs !== 0;
    case "list":
      return value.items.length > 0;
    case "map":
      return value.entries.size > 0;
    case "time":
    case "struct":
    case "function":
      return true;
  }
}

/** Keys in Go's order for {{range}} and printing. */
export function sortedKeys(map: GoMap, compare: (left: string, right: string) => number): string[] {
  return [...map.entries.keys()].sort(compare);
}
