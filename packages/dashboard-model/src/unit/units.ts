/** How a unit writes its numbers. */
export type Unit =
  | { readonly kind: "plain"; readonly suffix: string }
  /** Steps of 1000 with the suffixes in turn; `start` is the index of the suffix that the bare value has. */
  | {
      readonly kind: "scaled";
      readonly base: 1000 | 1024;
      readonly suffixes: readonly string[];
      readonly start: number;
    }
  /** A length of time; the bare value is this many seconds. */
  | { readonly kind: "duration"; readonly unitSeconds: number }
  /** A length of time in words: "2 hours, 5 minutes" as "2h 5m"; the bare value is this many seconds. */
  | { readonly kind: "elapsed"; readonly unitSeconds: number }
  /** A moment; the bare value is milliseconds since 1970. */
  | { readonly kind: "moment"; readonly style: "iso" | "dateOnly" | "fromNow" }
  | { readonly kind: "percent"; readonly factor: number }
  | { readonly kind: "boolean"; readonly words: readonly [string, string] }
  | { readonly kind: "prefixed"; readonly prefix: string }
  | { readonly kind: "scientific" }
  | { readonly kind: "hexadecimal" }
  | { readonly kind: "text" };

const siPrefixes = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"];
const iecPrefixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];
const countSuffixes = ["", " K", " Mil", " Bil", " Tri", " Quadr", " Quint"];

function si(symbol: string, start = 0): Unit {
  return { kind: "scaled", base: 1000, suffixes: siPrefixes.map((prefix) => ` ${prefix}${symbol}`), start };
}

function iec(symbol: string, start = 0): Unit {
  return { kind: "scaled", base: 1024, suffixes: iecPrefixes.map((prefix) => ` ${prefix}${symbol}`), start };
}

/** "1.5K req/s": counts scale by K, M, B and keep their unit. */
function count(symbol: string): Unit {
  const suffixes = ["", "K", "M", "B", "T"].map((prefix) => `${prefix} ${symbol}`);
  return { kind: "scaled", base: 1000, suffixes, start: 0 };
}

const plain = (suffix: string): Unit => ({ kind: "plain", suffix });
const duration = (unitSeconds: number): Unit => ({ kind: "duration", unitSeconds });
const elapsed = (unitSeconds: number): Unit => ({ kind: "elapsed", unitSeconds });

/** By the names that dashboards use. */
const units: ReadonlyMap<string, Unit> = new Map<string, Unit>([
  ["", plain("")],
  ["none", plain("")],
  ["short", { kind: "scaled", base: 1000, suffixes: countSuffixes, start: 0 }],
  [
    "sishort",
    { kind: "scaled", base: 1000, suffixes: siPrefixes.map((prefix) => (prefix === "" ? "" : ` ${prefix}`)), start: 0 },
  ],
  ["locale", plain("")],
  ["string", { kind: "text" }],
  ["percent", { kind: "percent", factor: 1 }],
  ["percentunit", { kind: "percent", factor: 100 }],
  ["humidity", plain(" %H")],
  ["dB", plain(" dB")],
  ["hex", { kind: "hexadecimal" }],
  ["hex0x", { kind: "hexadecimal" }],
  ["sci", { kind: "scientific" }],
  ["bool", { kind: "boolean", words: ["False", "True"] }],
  ["bool_yes_no", { kind: "boolean", words: ["No", "Yes"] }],
  ["bool_on_off", { kind: "boolean", words: ["Off", "On"] }],
  ["bits", iec("b")],
  ["bytes", iec("B")],
  ["kbytes", iec("B", 1)],
  ["mbytes", iec("B", 2)],
  ["gbytes", iec("B", 3)],
  ["tbytes", iec("B", 4)],
  ["decbits", si("b")],
  ["decbytes", si("B")],
  ["deckbytes", si("B", 1)],
  ["decmbytes", si("B", 2)],
  ["decgbytes", si("B", 3)],
  ["binbps", iec("b/s")],
  ["binBps", iec("B/s")],
  ["bps", si("b/s")],
  ["Bps", si("B/s")],
  ["KBs", si("B/s", 1)],
  ["MBs", si("B/s", 2)],
  ["GBs", si("B/s", 3)],
  ["Kbits", si("b/s", 1)],
  ["Mbits", si("b/s", 2)],
  ["Gbits", si("b/s", 3)],
  ["KiBs", iec("B/s", 1)],
  ["MiBs", iec("B/s", 2)],
  ["pps", si("p/s")],
  ["hertz", si("Hz")],
  ["rothz", si("Hz")],
  ["cps", count("c/s")],
  ["ops", count("ops/s")],
  ["reqps", count("req/s")],
  ["rps", count("rd/s")],
  ["wps", count("wr/s")],
  ["iops", count("io/s")],
  ["eps", count("evt/s")],
  ["mps", count("msg/s")],
  ["recps", count("rec/s")],
  ["rowsps", count("rows/s")],
  ["opm", count("ops/min")],
  ["reqpm", count("req/min")],
  ["rpm", count("rd/min")],
  ["wpm", count("wr/min")],
  ["cpm", count("c/min")],
  ["ns", duration(1e-9)],
  ["µs", duration(1e-6)],
  ["us", duration(1e-6)],
  ["ms", duration(1e-3)],
  ["s", duration(1)],
  ["m", duration(60)],
  ["h", duration(3600)],
  ["d", duration(86_400)],
  ["dtdurationms", elapsed(1e-3)],
  ["dtdurations", elapsed(1)],
  ["clockms", elapsed(1e-3)],
  ["clocks", elapsed(1)],
  ["dthms", elapsed(1)],
  ["dtdhms", elapsed(1)],
  ["timeticks", elapsed(0.01)],
  ["dateTimeAsIso", { kind: "moment", style: "iso" }],
  ["dateTimeAsIsoNoDateIfToday", { kind: "moment", style: "iso" }],
  ["dateTimeAsSystem", { kind: "moment", style: "iso" }],
  ["dateTimeAsLocal", { kind: "moment", style: "iso" }],
  ["dateTimeAsUS", { kind: "moment", style: "iso" }],
  ["dateTimeFromNow", { kind: "moment", style: "fromNow" }],
  ["celsius", plain(" °C")],
  ["fahrenheit", plain(" °F")],
  ["kelvin", plain(" K")],
  ["watt", si("W")],
  ["kwatt", si("W", 1)],
  ["joule", si("J")],
  ["watth", si("Wh")],
  ["volt", si("V")],
  ["amp", si("A")],
  ["rotrpm", plain(" rpm")],
  ["lengthm", si("m")],
  ["degree", plain("°")],
  ["pressurehpa", plain(" hPa")],
  ["ppm", plain(" ppm")],
  ["currencyUSD", { kind: "prefixed", prefix: "$" }],
  ["currencyEUR", { kind: "prefixed", prefix: "€" }],
  ["currencyGBP", { kind: "prefixed", prefix: "£" }],
]);

/** The unit of that name; families such as "suffix:cores" too; an unknown name is written after the number. */
export function unitOf(name: string): Unit {
  const known = units.get(name);
  if (known !== undefined) return known;
  const colon = name.indexOf(":");
  const [family, rest] = colon === -1 ? ["", name] : [name.slice(0, colon), name.slice(colon + 1)];
  switch (family) {
    case "suffix":
      return plain(rest);
    case "prefix":
    case "currency":
      return { kind: "prefixed", prefix: rest };
    case "count":
      return count(rest);
    case "si":
      return si(
        rest.replace(/^[kMGTPmuµn](?=[A-Za-z])/, ""),
        Math.max(0, siPrefixes.indexOf(/^[kMGTP](?=[A-Za-z])/.exec(rest)?.[0] ?? "")),
      );
    case "bool":
      return { kind: "boolean", words: [rest.split("/")[1] ?? "False", rest.split("/")[0] ?? "True"] };
    case "time":
      return { kind: "moment", style: "iso" };
    default:
      return plain(` ${name}`);
  }
}

/** Whether round steps of this unit are powers of two. */
export function isBinaryUnit(name: string): boolean {
  const unit = unitOf(name);
  return unit.kind === "scaled" && unit.base === 1024;
}
