import { expect, test } from "vitest";
import { parse } from "yaml";
import { withoutScrapeJob, withReceiversAtInbox, withRuleFile } from "./rewrite-config.ts";

const alertmanager = `
route:
  receiver: on-call
  routes:
    - receiver: nobody
      active_time_intervals: [night]
receivers:
  - name: on-call # who is awake
    email_configs:
      - to: "on-call@example.org"
        send_resolved: yes
      - to: "second@example.org"
    slack_configs:
      - channel: "#alerts"
  - name: nobody
  - name: promised
    webhook_configs: []
time_intervals:
  - name: night
    time_intervals:
      - times: [{ start_time: 18:00, end_time: 24:00 }]
`;

test("every receiver that tells anybody tells the inbox, once", () => {
  const { receivers } = parse(withReceiversAtInbox(alertmanager, "http://inbox:9094/"));
  expect(receivers).toEqual([
    { name: "on-call", webhook_configs: [{ url: "http://inbox:9094/", send_resolved: true }] },
    { name: "nobody" },
    { name: "promised" },
  ]);
});

test("what is not about receivers stays as it was written", () => {
  const text = withReceiversAtInbox(alertmanager, "http://inbox:9094/");
  expect(text).toContain("start_time: 18:00, end_time: 24:00");
  expect(text).toContain("active_time_intervals: [ night ]");
});

const prometheus = `
scrape_configs:
  - job_name: app
    static_configs: [{ targets: ["app:5000"] }]
  - job_name: own
`;

test("one job goes, the others stay", () => {
  expect(parse(withoutScrapeJob(prometheus, "app"))).toEqual({ scrape_configs: [{ job_name: "own" }] });
  expect(parse(withoutScrapeJob(prometheus, "other"))).toEqual(parse(prometheus));
});

test("a rule file is added to those that are read, or is the first", () => {
  expect(parse(withRuleFile("rule_files: [rules/*.yml]", "/tmp/more.yml"))).toEqual({
    rule_files: ["rules/*.yml", "/tmp/more.yml"],
  });
  expect(parse(withRuleFile(prometheus, "/tmp/more.yml"))).toMatchObject({ rule_files: ["/tmp/more.yml"] });
});

test("what cannot be read is left to who reads it", () => {
  for (const text of ["receivers: [", "- a list", ""]) expect(withReceiversAtInbox(text, "http://inbox/")).toBe(text);
});
