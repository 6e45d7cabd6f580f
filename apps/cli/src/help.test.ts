import { Command } from "@commander-js/extra-typings";
import { expect, test } from "vitest";
import { helpStyle } from "./help.ts";

function helpOf(command: { helpInformation(): string }): string {
  return command.helpInformation();
}

test("short flags have their text beside them", () => {
  const command = new Command("x").configureHelp(helpStyle).option("--json", "print JSON");
  expect(helpOf(command)).toContain("  --json      print JSON\n");
});

test("long flags have it below, with defaults as people write them", () => {
  const command = new Command("x")
    .configureHelp(helpStyle)
    .option("--query.lookback-delta <duration>", "how far back an instant selector looks", Number, 300_000)
    .option("--enable-feature <names>", "parts that are off otherwise", (text: string) => [text], []);
  expect(helpOf(command)).toContain(
    "  --query.lookback-delta <duration>\n      how far back an instant selector looks (default 5m)\n",
  );
  expect(helpOf(command)).toContain("  --enable-feature <names>\n      parts that are off otherwise\n");
});
