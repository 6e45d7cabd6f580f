import { expect, test } from "vitest";
import { isEscapingName, isEscapingPath } from "./path-traversal.ts";
import { hasScriptMarkup } from "./script-markup.ts";
import { looksLikeSqlInjection } from "./sql-injection.ts";

test.each([
  "' OR 1=1",
  "' or '1'='1",
  `" or ""="`,
  "') OR ('a'='a",
  "x' AND 1=1 --",
  "admin'--",
  "admin' #",
  "' or true --",
  "'/**/OR/**/1=1",
  "1 UNION SELECT hpassword FROM Users",
  "1/**/union/**/all/**/select 1",
  "1 /*!50000UNION*/ /*!50000SELECT*/ 1",
  "x; DROP TABLE Users",
  "x;delete from Users",
  "x; UPDATE Users SET login = 1",
  "x; insert into Users values (1)",
  "x; alter  table Users",
  "1 and sleep(5)",
  "benchmark(1000000,md5(1))",
  "pg_sleep(10)",
  "x'; WAITFOR DELAY '0:0:5'",
  "select * from information_schema.tables",
  "SQLITE_MASTER",
  "%27%20OR%201%3D1",
])("%s is an injection", (text) => {
  expect(looksLikeSqlInjection(text, "text")).toBe(true);
});

test.each([
  "O'Brien",
  "O'Brien -- draft; update 2",
  "R&D -- draft.pdf",
  "select committee",
  "the students' orders = 12",
  "union of selected works",
  "drop; table 3",
  "notes; create order",
  "sleep (a study).pdf",
  "Rock 'n' Roll #1",
  "2 or 3 = few",
  "100% of 5'3\" people",
  "",
])("%j is a name", (text) => {
  expect(looksLikeSqlInjection(text, "text")).toBe(false);
});

test.each([
  { text: "1 OR 1=1", isAttack: true },
  { text: "7) and (2=2", isAttack: true },
  { text: "-1 or true", isAttack: true },
  { text: "12", isAttack: false },
  { text: "1e3", isAttack: false },
])("the id $text is an injection: $isAttack", ({ text, isAttack }) => {
  expect(looksLikeSqlInjection(text, "id")).toBe(isAttack);
});

test("long hostile texts are inspected quickly", () => {
  const startedMs = performance.now();
  for (const part of ["'", "' or ", "/*", "/**/", ";update ", "<a", "<a on", "' or 'a", "((", "%2", "../"]) {
    const text = part.repeat(60_000);
    looksLikeSqlInjection(text, "id");
    hasScriptMarkup(text);
    isEscapingName(text);
    isEscapingPath(text);
  }
  expect(performance.now() - startedMs).toBeLessThan(2_000);
});

test.each([
  { text: "<img src=x onerror=alert(1)>", isMarkup: true },
  { text: "<ScRiPt>alert(1)</sCrIpT>", isMarkup: true },
  { text: "<p onclick = x>", isMarkup: true },
  { text: "javascript:alert(1)", isMarkup: true },
  { text: "</script>", isMarkup: true },
  { text: "a < b and c > d", isMarkup: false },
  { text: "<3 you", isMarkup: false },
  { text: "on = off", isMarkup: false },
  { text: "JavaScript for beginners.pdf", isMarkup: false },
])("$text has script markup: $isMarkup", ({ text, isMarkup }) => {
  expect(hasScriptMarkup(text)).toBe(isMarkup);
});

test.each([
  { name: "../x", isEscaping: true },
  { name: "a/../../b", isEscaping: true },
  { name: String.raw`..\x`, isEscaping: true },
  { name: "..", isEscaping: true },
  { name: "/tmp/x", isEscaping: true },
  { name: String.raw`C:\x.pdf`, isEscaping: true },
  { name: "x\0.pdf", isEscaping: true },
  { name: "%2e%2e%2fx", isEscaping: true },
  { name: "v1..2.pdf", isEscaping: false },
  { name: "a...pdf", isEscaping: false },
  { name: "2024/25.pdf", isEscaping: false },
  { name: "100%25 sure.pdf", isEscaping: false },
])("the name $name leads out: $isEscaping", ({ name, isEscaping }) => {
  expect(isEscapingName(name)).toBe(isEscaping);
});
