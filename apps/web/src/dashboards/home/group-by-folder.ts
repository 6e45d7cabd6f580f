import type { SearchHit } from "../api/dashboards-api.ts";

interface FolderGroup {
  readonly title: string;
  readonly hits: readonly SearchHit[];
}

/** Folders by name, those without one last under "General"; dashboards by title. */
export function groupByFolder(hits: readonly SearchHit[]): FolderGroup[] {
  const groups = new Map<string, SearchHit[]>();
  for (const hit of hits) {
    const title = hit.folderTitle === undefined || hit.folderTitle === "" ? general : hit.folderTitle;
    groups.set(title, [...(groups.get(title) ?? []), hit]);
  }
  return [...groups]
    .map(([title, own]) => ({ title, hits: own.sort((left, right) => left.title.localeCompare(right.title)) }))
    .sort(
      (left, right) =>
        Number(left.title === general) - Number(right.title === general) || left.title.localeCompare(right.title),
    );
}

const general = "General";
