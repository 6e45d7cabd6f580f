import { Command } from "@commander-js/extra-typings";
import { expect, test } from "vitest";
import { engineCommand } from "./engine.ts";
import { flagTexts } from "./flag-texts.ts";

test("durations, lists, switches and texts read as in Prometheus", () => {
  const command = new Command()
    .option("--query.timeout <duration>", "", Number, 120_000)
    .option("--query.max-samples <count>", "", Number, 50)
    .option("--enable-feature <names>", "", (text: string) => text.split(","), [] as string[])
    .option("--web.enable-lifecycle", "")
    .option("--web.external-url <url>", "");
  command.parse(["--enable-feature=a,b", "--web.enable-lifecycle", "--query.timeout=90000"], { from: "user" });
  expect(flagTexts(command.options, command.opts())).toEqual({
    "query.timeout": "1m30s",
    "query.max-samples": "50",
    "enable-feature": "a,b",
    "web.enable-lifecycle": "true",
    "web.external-url": "",
  });
});

test("the engine tells every flag it has", () => {
  const command = engineCommand();
  const texts = flagTexts(command.options, command.opts());
  expect(texts["web.listen-address"]).toBe("127.0.0.1:9090");
  expect(texts["storage.tsdb.retention.time"]).toBe("0s");
  expect(texts["storage.tsdb.retention.size"]).toBe("0B");
  expect(texts["storage.tsdb.min-block-duration"]).toBe("2h");
  expect(texts["storage.tsdb.wal-compression"]).toBe("true");
  expect(Object.keys(texts)).toHaveLength(command.options.filter(({ negate }) => !negate).length);
});
