import { compileAnchoredRegex, labelsOf, labelsToObject, type RelabelRule } from "@tatou/model";
import { expect, test } from "vitest";
import { scrapeConfig } from "../testing/scrape-config.ts";
import { discoverStatic } from "./discover-static.ts";
import { makeTarget } from "./target.ts";

function replace(targetLabel: string, replacement: string, sourceLabels: readonly string[] = []): RelabelRule {
  const regex = compileAnchoredRegex("(.*)");
  return { action: "replace", sourceLabels, separator: ";", regex, targetLabel, replacement };
}

test.each<{
  what: string;
  labels: Record<string, string>;
  config?: Parameters<typeof scrapeConfig>[0];
  target: { url?: string; labels?: Record<string, string>; intervalMs?: number; timeoutMs?: number };
}>([
  {
    what: "an address",
    labels: { __address__: "app:80" },
    target: {
      url: "http://app:80/metrics",
      labels: { instance: "app:80", job: "app" },
      intervalMs: 10_000,
      timeoutMs: 10_000,
    },
  },
  {
    what: "an address without port, which stays without",
    labels: { __address__: "app" },
    config: { scheme: "https" },
    target: { url: "https://app/metrics", labels: { instance: "app", job: "app" } },
  },
  { what: "an IPv6 address", labels: { __address__: "[::1]:80" }, target: { url: "http://[::1]:80/metrics" } },
  {
    what: "labels of its group, which replace the job's",
    labels: { __address__: "app:80", job: "own", zone: "a", __metrics_path__: "/own" },
    target: { url: "http://app:80/own", labels: { instance: "app:80", job: "own", zone: "a" } },
  },
  {
    what: "labels for discovery, which are no labels of the target",
    labels: { __address__: "app:80", __meta_x: "y", __tmp: "z" },
    target: { labels: { instance: "app:80", job: "app" } },
  },
  {
    what: "a rule that makes the instance",
    labels: { __address__: "app:80" },
    config: { relabelConfigs: [replace("instance", "$1-renamed", ["__address__"])] },
    target: { url: "http://app:80/metrics", labels: { instance: "app:80-renamed", job: "app" } },
  },
  {
    what: "rules for address, path, scheme, parameters and interval",
    labels: { __address__: "app:80" },
    config: {
      params: { a: ["1", "2"], target: ["x"] },
      relabelConfigs: [
        replace("__param_target", "$1", ["__address__"]),
        replace("__address__", "exporter:9115"),
        replace("__metrics_path__", "probe"),
        replace("__scheme__", "https"),
        replace("__scrape_interval__", "1m"),
      ],
    },
    target: {
      url: "https://exporter:9115/probe?a=1&a=2&target=app%3A80",
      intervalMs: 60_000,
      labels: { instance: "exporter:9115", job: "app" },
    },
  },
])("makes a target of $what", ({ labels, config = {}, target }) => {
  const outcome = makeTarget(labelsOf(labels), scrapeConfig(config));
  expect(
    outcome.kind === "active" && { ...outcome.target, labels: labelsToObject(outcome.target.labels) },
  ).toMatchObject(target);
});

test.each<{ labels: Record<string, string>; problem: string }>([
  { labels: { __address__: "" }, problem: "no address" },
  { labels: { __address__: "app/metrics" }, problem: '"app/metrics" is not a valid hostname' },
  { labels: { __address__: "user@app" }, problem: '"user@app" is not a valid hostname' },
  { labels: { __address__: "app:99999" }, problem: '"app:99999" is not a valid hostname' },
  { labels: { __address__: "app", __scheme__: "ftp" }, problem: 'invalid scheme: "ftp"' },
  {
    labels: { __address__: "app", __scrape_interval__: "5s" },
    problem: 'scrape timeout cannot be greater than scrape interval ("10s" > "5s")',
  },
  {
    labels: { __address__: "app", __scrape_interval__: "often" },
    problem: 'error parsing scrape interval: not a valid duration string: "often"',
  },
  { labels: { __address__: "app", __scrape_timeout__: "0s" }, problem: "scrape timeout cannot be 0" },
])("refuses $labels: $problem", ({ labels, problem }) => {
  expect(makeTarget(labelsOf(labels), scrapeConfig({}))).toMatchObject({ kind: "invalid", problem });
});

test("tells what was dropped and what is wrong, and takes equal targets once", () => {
  const drop: RelabelRule = {
    action: "drop",
    sourceLabels: ["__address__"],
    separator: ";",
    regex: compileAnchoredRegex("old.*"),
  };
  const config = scrapeConfig({ targets: ["app:80", "old:80", "app:80", "a/b"], relabelConfigs: [drop] });
  const { active, dropped, problems } = discoverStatic(config);
  expect(active.map(({ url }) => url)).toEqual(["http://app:80/metrics"]);
  expect(dropped.map(labelsToObject)).toEqual([
    {
      __address__: "old:80",
      __metrics_path__: "/metrics",
      __scheme__: "http",
      __scrape_interval__: "10s",
      __scrape_timeout__: "10s",
      job: "app",
    },
  ]);
  expect(problems).toEqual(['job app, target "a/b": "a/b" is not a valid hostname']);
});
