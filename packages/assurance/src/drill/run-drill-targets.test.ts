import { expect, test } from "vitest";
import { DrillSetupError } from "../errors.ts";
import { isListedTarget, isOnThisMachine } from "./run-drill-targets.ts";

test.each([
  { target: "http://localhost:5000", isHere: true },
  { target: "http://127.1.2.3:5000/app", isHere: true },
  { target: "http://[::1]", isHere: true },
  { target: "http://0x7f000001:5000", isHere: true },
  { target: "http://10.0.0.1", isHere: false },
  { target: "https://localhost.example.org", isHere: false },
  { target: "https://127.0.0.1@example.org", isHere: false },
])("$target is on this machine: $isHere", ({ target, isHere }) => {
  expect(isOnThisMachine(target)).toBe(isHere);
});

const list = 'targets: [ "https://staging.example.org", "http://10.0.0.1:5000/" ]';

test.each([
  { target: "https://staging.example.org:443/app", isListed: true },
  { target: "http://10.0.0.1:5000", isListed: true },
  { target: "http://staging.example.org", isListed: false },
  { target: "https://example.org", isListed: false },
  { target: "http://10.0.0.1:5001", isListed: false },
])("$target is listed: $isListed", ({ target, isListed }) => {
  expect(isListedTarget(target, list)).toBe(isListed);
});

test.each(["localhost:5000", "ftp://localhost", ""])("%j is no target", (target) => {
  expect(() => isOnThisMachine(target)).toThrow(DrillSetupError);
});

test.each(["", "targets: 5", "targets: [", "targets: [ nonsense ]"])("a list %j is refused", (text) => {
  expect(() => isListedTarget("http://10.0.0.1", text)).toThrow(DrillSetupError);
});
