// TATOU_PUBLIC_RULES=DIR node bench/check-public-rules.mjs [--seeds 200] [--list]: how many defects in rule sets of other people
// `tatou check` names, and how much of what it says is right. README.md tells what DIR holds.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readLiveMetrics, runCheck } from "../packages/assurance/dist/index.js";
import { randomOf, ruleDefects, seedRule } from "./lib/public-rule-seeds.mjs";

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "200" }, list: { type: "boolean", default: false } },
});
const directory = process.env.TATOU_PUBLIC_RULES;
if (directory === undefined || !existsSync(directory)) {
  console.error("Set TATOU_PUBLIC_RULES to a directory of rule sets; bench/README.md tells what it holds");
  process.exit(2);
}

/** Everybody's routes: what each severity of the sets leads to. */
const alertmanager = `route:
  receiver: mail
  routes:
    - receiver: pager
      matchers: [severity = "critical"]
    - receiver: mail
      matchers: [severity =~ "error|warning|info|none"]
receivers:
  - name: pager
    webhook_configs: [{ url: http://pager/ }]
  - name: mail
    webhook_configs: [{ url: http://mail/ }]
`;

const random = randomOf(20_240_229);
const verdictsPath = join(directory, "verdicts.json");
/** Findings on the untouched files that somebody looked at and found right, as "set code alert". */
const known = new Set(existsSync(verdictsPath) ? JSON.parse(readFileSync(verdictsPath, "utf8")).right : []);
const sets = readdirSync(directory, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(directory, entry.name, "rules")))
  .map(({ name }) => readSet(name));

let rightCount = 0;
const wrong = [];
for (const set of sets) {
  for (const finding of set.baseline) {
    if (known.has(keyOf(set, finding))) rightCount++;
    else wrong.push(`untouched  ${set.name}  ${finding.code}  ${finding.message}`);
  }
}
const untouchedCount = rightCount + wrong.length;
if (values.list)
  for (const set of sets) for (const finding of set.baseline) console.log(`${keyOf(set, finding)}\t${finding.message}`);

const missed = [];
const byKind = new Map();
const kinds = Object.keys(ruleDefects);
let seeded = 0;
for (let turn = 0; seeded < Number(values.seeds) && turn < Number(values.seeds) * 20; turn++) {
  const kind = kinds[turn % kinds.length];
  const { needs } = ruleDefects[kind];
  const able = sets.filter((set) =>
    needs === "metrics" ? set.live !== null : needs === "configuration" ? set.prometheus !== null : true,
  );
  const set = able[Math.floor(random() * able.length)];
  const file = set.files[Math.floor(random() * set.files.length)];
  const seed = seedRule(kind, set.texts[file], random, set);
  if (seed === null) continue;
  seeded++;
  const fresh = newFindings(set, { ...set.texts, [file]: seed.text });
  const about = fresh.filter((finding) => isAbout(finding, seed));
  const tally = byKind.get(kind) ?? { seeded: 0, named: 0 };
  byKind.set(kind, { seeded: tally.seeded + 1, named: tally.named + (about.length > 0 ? 1 : 0) });
  rightCount += about.length;
  if (about.length === 0) missed.push(`${kind}: ${seed.name} in ${set.name} (${seed.words.join(", ")})`);
  for (const finding of fresh)
    if (!about.includes(finding))
      wrong.push(`${kind}: ${seed.name} in ${set.name}  ${finding.code}  ${finding.message}`);
}

const ruleCount = sets.reduce((sum, set) => sum + set.ruleCount, 0);
console.log(`${sets.length} rule sets, ${ruleCount} rules; ${untouchedCount} findings on them as they are`);
for (const [kind, tally] of byKind)
  console.log(`  ${String(tally.named).padStart(3)} of ${String(tally.seeded).padEnd(3)} ${kind}`);
console.log(
  `recall ${((seeded - missed.length) / seeded).toFixed(3)} (${seeded - missed.length} of ${seeded} seeded defects named)`,
);
console.log(
  `precision ${(rightCount / (rightCount + wrong.length)).toFixed(3)} (${rightCount} of ${rightCount + wrong.length} findings right)`,
);
for (const text of missed) console.log(`missed  ${text}`);
for (const text of wrong) console.log(`wrong   ${text}`);

function readSet(name) {
  const root = join(directory, name);
  const files = readdirSync(join(root, "rules")).map((file) => `rules/${file}`);
  const texts = Object.fromEntries(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));
  texts["alertmanager.yml"] = alertmanager;
  const prometheus = existsSync(join(root, "prometheus.yml"))
    ? readFileSync(join(root, "prometheus.yml"), "utf8")
    : null;
  if (prometheus !== null) texts["prometheus.yml"] = prometheus;
  const live = liveOf(root);
  const parts =
    live === null
      ? []
      : [...live.metrics.keys()].flatMap((metric) =>
          ["", "_bucket", "_sum", "_count"].map((part) => `${metric}${part}`),
        );
  const metrics = new Set(parts);
  const set = { name, files, texts, live, prometheus, isMetric: (metric) => metrics.has(metric) };
  const { findings, counts } = reportOf(set, texts);
  return { ...set, baseline: serious(findings), ruleCount: counts.alerts + counts.recordingRules };
}

function liveOf(root) {
  const folder = join(root, "metrics");
  if (!existsSync(folder)) return null;
  const all = readdirSync(folder).map((file) => readLiveMetrics(readFileSync(join(folder, file))));
  const merged = { metrics: new Map(), words: new Set(), values: new Map() };
  for (const { metrics, words, values: labelValues } of all) {
    for (const [metric, facts] of metrics) {
      const labels = new Set([...(merged.metrics.get(metric)?.labels ?? []), ...(facts.labels ?? [])]);
      merged.metrics.set(metric, {
        kind: facts.kind,
        labels: facts.labels === null && labels.size === 0 ? null : labels,
      });
    }
    for (const word of words) merged.words.add(word);
    for (const [label, own] of labelValues)
      merged.values.set(label, new Set([...(merged.values.get(label) ?? []), ...own]));
  }
  return merged;
}

function reportOf({ live }, texts) {
  const paths = Object.keys(texts).toSorted();
  return runCheck({ paths, read: (path) => texts[path], exists: (path) => texts[path] !== undefined }, { live });
}

/** What every set lacks by its nature is no finding of ours: a dead man's switch, tests. */
function serious(findings) {
  return findings.filter(({ severity, code }) => severity !== "info" && code !== "dead_man_missing");
}

function newFindings(set, texts) {
  const before = new Map();
  for (const { code, message } of set.baseline)
    before.set(`${code} ${message}`, (before.get(`${code} ${message}`) ?? 0) + 1);
  return serious(reportOf(set, texts).findings).filter(({ code, message }) => {
    const key = `${code} ${message.replaceAll(/:\d+/g, "")}`;
    const left = [...before].find(([text, count]) => count > 0 && text.replaceAll(/:\d+/g, "") === key);
    if (left === undefined) return true;
    before.set(left[0], left[1] - 1);
    return false;
  });
}

/** About the seed: it names what was written, or the rule that was broken. */
function isAbout({ message, code }, { words, name }) {
  if (code === "config_invalid") return true;
  return (
    words.some((word) => message.includes(word)) ||
    new RegExp(`\\b${name}\\b`).test(message) ||
    message.includes("Cannot parse")
  );
}

function keyOf({ name }, { code, message }) {
  return `${name} ${code} ${/alert (\w+)/.exec(message)?.[1] ?? message}`;
}
