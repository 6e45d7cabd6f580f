import { expect, test } from "vitest";
import { fitLine, Screen } from "./screen.ts";

function recorder(terminal: { isTTY: boolean; columns?: number }) {
  const written: string[] = [];
  return { output: { ...terminal, write: (text: string) => written.push(text) }, text: () => written.join("") };
}

test("on a terminal the live line is replaced, and messages stand above it", () => {
  const { output, text } = recorder({ isTTY: true, columns: 80 });
  const screen = new Screen(output);
  screen.live("one");
  screen.print("message");
  screen.live("two");
  screen.clearLive();
  expect(text()).toBe("\r\u001b[Kone\r\u001b[Kmessage\none\r\u001b[Ktwo\r\u001b[K");
});

test("without a terminal there are no escape codes and no line without news", () => {
  const { output, text } = recorder({ isTTY: false });
  const screen = new Screen(output);
  screen.live("2 up, 100 series", "2 up");
  screen.live("2 up, 101 series", "2 up");
  screen.print("message");
  screen.live("1 up, 101 series", "1 up");
  screen.clearLive();
  expect(text()).toBe("2 up, 100 series\nmessage\n1 up, 101 series\n");
});

test.each([
  { line: "short", columns: 10, fitted: "short" },
  { line: "0123456789", columns: 11, fitted: "0123456789" },
  { line: "0123456789", columns: 10, fitted: "01234567…" },
  { line: "\u001b[32m012345678901234\u001b[39m", columns: 10, fitted: "\u001b[32m01234567…\u001b[0m" },
  { line: "\u001b[32m01234567\u001b[39m", columns: 10, fitted: "\u001b[32m01234567\u001b[39m" },
])("fits $line into $columns columns", ({ line, columns, fitted }) => {
  expect(fitLine(line, columns)).toBe(fitted);
});
