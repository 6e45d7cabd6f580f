import { type AlertOutcome, type DrillReport, drillStages, type StageResult } from "@tatou/assurance";
import { escapeHtml } from "@tatou/http";
import { formatDurationMs } from "@tatou/model";
import { plural } from "../plural.ts";
import { drillHtmlStyle } from "./drill-html-style.ts";
import { deliveredAfterMs, seconds, verdictName, verdictReason } from "./drill-texts.ts";

/** All reports as one page that needs nothing else, in the colours of the reader's system; what did not pass stands first. */
export function drillHtml(reports: readonly DrillReport[], now: Date): string {
  const passed = reports.filter(({ verdict }) => verdict.kind === "pass").length;
  const title = `Tatou drills: ${passed} of ${reports.length} passed`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${drillHtmlStyle}</style>
</head>
<body>
<main>
<header>
<h1>Drills</h1>
<p class="summary"><strong class="${passed === reports.length ? "pass" : "fail"}">${passed} of ${plural(reports.length, "drill")} passed</strong>
<time datetime="${now.toISOString()}">${now.toISOString().slice(0, 16).replace("T", " ")} UTC</time></p>
${legend()}
</header>
${[...reports.filter(isFailed), ...reports.filter((report) => !isFailed(report))].map(drillSection).join("\n")}
</main>
</body>
</html>
`;
}

function isFailed({ verdict }: DrillReport): boolean {
  return verdict.kind !== "pass";
}

/** Segments of a bar are named by the stage they lead to. */
const segmentStages = drillStages.slice(1);

function legend(): string {
  const items = segmentStages.map((stage, index) => `<li><i class="s${index + 1}"></i>${stage}</li>`);
  return `<ul class="legend" aria-label="Colours of the stages">${items.join("")}<li><b></b>budget</li></ul>`;
}

function drillSection(report: DrillReport): string {
  const { drill, name, title, clock, verdict, outcomes } = report;
  const isPass = verdict.kind === "pass";
  return `<section>
<h2><span class="badge ${isPass ? "pass" : "fail"}">${escapeHtml(verdictName(verdict))}</span>
<span class="id">${escapeHtml(drill)}</span> ${escapeHtml(name)} <small>${clock} time</small></h2>
<p>${escapeHtml(title)}</p>
${isPass && outcomes.length > 0 ? "" : `<p class="reason">${escapeHtml(verdictReason(report))}</p>`}
${outcomes.map(outcomeHtml).join("\n")}
<p class="facts">${escapeHtml(factsText(report))}</p>
</section>`;
}

function factsText({ requestCount, answers, durationMs, sourceAddress }: DrillReport): string {
  const seen = Object.entries(answers).map(([status, count]) => `${count} × ${status}`);
  const answered = seen.length === 0 ? "" : ` (answered ${seen.join(", ")})`;
  const lasted = formatDurationMs(Math.round(durationMs / 1000) * 1000);
  return `${plural(requestCount, "request")}${answered} · ${lasted} · first source ${sourceAddress}`;
}

function outcomeHtml(outcome: AlertOutcome): string {
  const { alert, budgetMs, stages, verdict } = outcome;
  const toldMs = deliveredAfterMs(outcome);
  const told = toldMs === null ? verdictName(verdict) : `told after ${seconds(toldMs)}`;
  const within = budgetMs === null || toldMs === null ? "" : ` of ${seconds(budgetMs)}`;
  const rows = stages.map(
    ({ stage, afterMs, detail }) =>
      `<tr><th scope="row">${stage}</th><td>${afterMs === null ? "–" : seconds(afterMs)}</td><td>${escapeHtml(detail)}</td></tr>`,
  );
  return `<div class="alert">
<h3>${escapeHtml(alert)} <small>${escapeHtml(`${told}${within}`)}</small></h3>
${barHtml(outcome)}
<details><summary>Stages</summary><table><tbody>${rows.join("")}</tbody></table></details>
</div>`;
}

/** The time line: as long as the budget or the drill, whichever is longer. */
function barHtml({ stages, budgetMs, alert }: AlertOutcome): string {
  const seen = stages.filter((stage): stage is StageResult & { afterMs: number } => stage.afterMs !== null);
  const lastMs = seen.at(-1)?.afterMs ?? 0;
  const scaleMs = Math.max(lastMs, budgetMs ?? 0, 1) * 1.02;
  const percent = (milliseconds: number): string => `${((100 * milliseconds) / scaleMs).toFixed(3)}%`;
  let fromMs = 0;
  const segments = seen.map(({ stage, afterMs }) => {
    const width = percent(afterMs - fromMs);
    const left = percent(fromMs);
    fromMs = afterMs;
    const text = `${stage} ${seconds(afterMs)}`;
    return `<i class="s${drillStages.indexOf(stage)}" style="left:${left};width:${width}" title="${escapeHtml(text)}"></i>`;
  });
  const mark = budgetMs === null ? "" : `<b style="left:${percent(budgetMs)}" title="budget ${seconds(budgetMs)}"></b>`;
  const words = `${alert}: ${seen.map(({ stage, afterMs }) => `${stage} after ${seconds(afterMs)}`).join(", ") || "nothing was seen"}`;
  return `<div class="bar" role="img" aria-label="${escapeHtml(words)}">${segments.join("")}${mark}</div>`;
}
