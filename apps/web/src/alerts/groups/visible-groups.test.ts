import { expect, test } from "vitest";
import type { Alert, AlertGroup } from "../alerts-api.ts";
import { countAlerts, visibleGroups } from "./visible-groups.ts";

function alert(name: string, silencedBy: readonly string[] = []): Alert {
  return {
    fingerprint: name,
    labels: { alertname: name },
    annotations: {},
    startsAt: "",
    endsAt: "",
    status: { state: silencedBy.length > 0 ? "suppressed" : "active", silencedBy, inhibitedBy: [] },
  };
}

function group(receiver: string, alerts: readonly Alert[]): AlertGroup {
  return { labels: {}, receiver: { name: receiver }, alerts };
}

const attack = alert("HighAuthFailureRate");
const quiet = alert("FileUploadAnomalies", ["silence"]);
const groups = [
  group("inbox", [attack, quiet]),
  group("mail", [attack]),
  group("chat", [quiet]),
  group("nobody", [alert("Watchdog")]),
];

function namesOf(withSuppressed: boolean): string[][] {
  return visibleGroups(groups, withSuppressed).map(({ receiver, alerts }) => [
    receiver.name,
    ...alerts.map(({ labels }) => labels["alertname"]!),
  ]);
}

test("what is silenced shows only when it is asked for, and the Watchdog never", () => {
  expect(namesOf(false)).toEqual([
    ["inbox", "HighAuthFailureRate"],
    ["mail", "HighAuthFailureRate"],
  ]);
  expect(namesOf(true)).toEqual([
    ["inbox", "HighAuthFailureRate", "FileUploadAnomalies"],
    ["mail", "HighAuthFailureRate"],
    ["chat", "FileUploadAnomalies"],
  ]);
});

test("an alert in several groups counts once", () => {
  expect(countAlerts(groups)).toEqual({ active: 1, suppressed: 1 });
});
