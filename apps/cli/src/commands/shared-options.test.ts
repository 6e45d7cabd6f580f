import { Command } from "@commander-js/extra-typings";
import { expect, test } from "vitest";
import {
  allowedHostsOption,
  durationMs,
  logLevelOption,
  parseHostAndPort,
  positiveInteger,
  resolveOption,
} from "./shared-options.ts";

function optionsOf(...args: readonly string[]) {
  return new Command()
    .addOption(resolveOption())
    .addOption(allowedHostsOption())
    .addOption(logLevelOption())
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .parse([...args], { from: "user" })
    .opts();
}

test("--resolve may be given again, and the last word on a name counts", () => {
  const { resolve } = optionsOf(
    "--resolve=server:5000=127.0.0.1:5001",
    "--resolve=inbox:9094=[::1]:9093",
    "--resolve=server:5000=127.0.0.1:5002",
  );
  expect([...resolve]).toEqual([
    ["server:5000", { host: "127.0.0.1", port: 5002 }],
    ["inbox:9094", { host: "::1", port: 9093 }],
  ]);
});

test("two parsings do not share what they gathered", () => {
  optionsOf("--resolve=server:5000=127.0.0.1:5001");
  expect([...optionsOf().resolve]).toEqual([]);
});

test.each([
  { args: ["--resolve=server:5000"], says: "Expected name:port=host:port" },
  { args: ["--resolve==127.0.0.1:1"], says: "Expected name:port=host:port" },
  { args: ["--resolve=a:1=nowhere"], says: "Expected host:port" },
  { args: ["--resolve=a:1=127.0.0.1:99999"], says: "Expected host:port" },
  { args: ["--log.level=loud"], says: "Allowed choices are debug, info, warn, error" },
])("$args is refused", ({ args, says }) => {
  expect(() => optionsOf(...args)).toThrow(says);
});

test("names are separated by commas, and spaces around them do not count", () => {
  expect(optionsOf("--web.allowed-hosts= a.example, b.example,")["web.allowedHosts"]).toEqual([
    "a.example",
    "b.example",
  ]);
});

test.each([
  { text: "127.0.0.1:9090", address: { host: "127.0.0.1", port: 9090 } },
  { text: ":9090", address: { host: "0.0.0.0", port: 9090 } },
  { text: "[::1]:0", address: { host: "::1", port: 0 } },
])("$text is an address", ({ text, address }) => {
  expect(parseHostAndPort(text)).toEqual(address);
});

test("durations are written as in Prometheus, counts are whole", () => {
  expect(durationMs("1h30m")).toBe(5_400_000);
  expect(() => durationMs("soon")).toThrow("soon");
  expect(positiveInteger("7")).toBe(7);
  for (const text of ["0", "-1", "1.5", "x", ""]) expect(() => positiveInteger(text)).toThrow("whole number above 0");
});
