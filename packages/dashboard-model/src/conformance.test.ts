import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { panelQueries, parseDashboard, placeRows, singleValue } from "./index.ts";

const shared = process.env.TATOU_SHARED ?? resolve(import.meta.dirname, "../../../../shared");
const folder = join(shared, "conformance/dashboards");
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
console.log(files.length === 0 ? "conformance: absent" : `conformance: ${files.length} files`);

interface AnyPanel {
  type?: string;
  title?: string;
  panels?: AnyPanel[];
}

/** Every panel of the file that is not a row, counted without our reader. */
function panelsOfFile(text: string): AnyPanel[] {
  const json = JSON.parse(text) as { dashboard?: object; panels?: AnyPanel[]; rows?: AnyPanel[] };
  const dashboard = (json.dashboard ?? json) as { panels?: AnyPanel[]; rows?: AnyPanel[] };
  const top = [...(dashboard.panels ?? []), ...(dashboard.rows ?? []).flatMap((row) => row.panels ?? [])];
  return top.flatMap((panel) => (panel.type === "row" ? (panel.panels ?? []) : [panel]));
}

describe.skipIf(files.length === 0)("public dashboards", () => {
  const counts = { panels: 0, drawn: 0, drawnWithLacks: 0, named: 0, queries: 0 };
  const lacked = new Map<string, number>();

  test.each(files)("%s: no panel is lost and each is drawn or says what it lacks", (file) => {
    const text = readFileSync(join(folder, file), "utf8");
    const dashboard = parseDashboard(text);
    const panels = dashboard.rows.flatMap((row) => row.panels);
    expect(panels.map((panel) => panel.title).sort()).toEqual(
      panelsOfFile(text)
        .map((panel) => panel.title ?? "")
        .sort(),
    );
    const scope = new Map(dashboard.variables.map((variable) => [variable.name, singleValue("x")]));
    expect(placeRows(dashboard.rows, scope).flatMap((row) => row.panels)).toHaveLength(panels.length);
    for (const panel of panels) {
      counts.panels++;
      expect(panel.view.kind !== "unsupported" || panel.lacks.join().includes("panel kind")).toBe(true);
      for (const lack of panel.lacks) lacked.set(lack, (lacked.get(lack) ?? 0) + 1);
      const drawn = panel.view.kind !== "unsupported";
      if (!drawn) counts.named++;
      else if (panel.lacks.length > 0) counts.drawnWithLacks++;
      else counts.drawn++;
      for (const query of panelQueries(panel, {
        range: { minTimeMs: 0, maxTimeMs: 3_600_000 },
        scope,
        widthPixels: 600,
      })) {
        counts.queries++;
        expect(query.expression).not.toMatch(/\$__(?:interval|rate_interval|range)/);
      }
    }
  });

  test("prints what was counted", () => {
    console.log(`conformance dashboards: ${JSON.stringify(counts)}`);
    console.log([...lacked].map(([lack, count]) => `${count} x ${lack}`).join("\n"));
    expect(counts.drawn).toBeGreaterThan(counts.named);
  });
});
