import { Button, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { diagnosticOf } from "../../shared/http/api-error.ts";
import { DashboardIcon, FolderIcon, SearchIcon, UploadIcon } from "../../shared/icons.tsx";
import { followLink } from "../../shared/location.ts";
import { PageHeader } from "../../shared/shell/PageHeader.tsx";
import { Hint } from "../../shared/states/Hint.tsx";
import { Problem } from "../../shared/states/Problem.tsx";
import { TableSkeleton } from "../../shared/states/TableSkeleton.tsx";
import { usePageTitle } from "../../shared/use-page-title.ts";
import { type SearchHit, searchDashboards } from "../api/dashboards-api.ts";
import { groupByFolder } from "./group-by-folder.ts";
import classes from "./HomePage.module.css";

export function HomePage() {
  usePageTitle("Dashboards");
  const [query, setQuery] = useState("");
  const [asked] = useDebouncedValue(query, 150);
  const hits = useQuery({
    queryKey: ["search", asked],
    queryFn: ({ signal }) => searchDashboards(asked, { signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <PageHeader title="Dashboards">
        <TextInput
          aria-label="Search dashboards"
          placeholder="Search dashboards"
          size="xs"
          w={240}
          leftSection={<SearchIcon size={14} />}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
        <Button
          component="a"
          href="/dashboard/import"
          onClick={followLink}
          variant="default"
          leftSection={<UploadIcon size={14} />}
        >
          Import
        </Button>
      </PageHeader>
      {hits.isPending && <TableSkeleton />}
      {hits.isError && <Problem diagnostic={diagnosticOf(hits.error)} onRetry={() => void hits.refetch()} />}
      {hits.isSuccess && hits.data.length === 0 && <NoDashboards query={asked} />}
      {hits.isSuccess &&
        groupByFolder(hits.data).map((folder) => (
          <FolderSection key={folder.title} title={folder.title} hits={folder.hits} />
        ))}
    </>
  );
}

function FolderSection({ title, hits }: { readonly title: string; readonly hits: readonly SearchHit[] }) {
  return (
    <section className={classes.folder}>
      <h2 className={classes.folderTitle}>
        <FolderIcon size={15} />
        {title}
      </h2>
      <ul className={classes.list}>
        {hits.map((hit) => (
          <li key={hit.uid}>
            <a className={classes.entry} href={hit.url} onClick={followLink}>
              <DashboardIcon size={16} className={classes.entryIcon} />
              <span>{hit.title}</span>
              <span className={classes.tags}>
                {(hit.tags ?? []).map((tag) => (
                  <span key={tag} className={classes.tag}>
                    {tag}
                  </span>
                ))}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function NoDashboards({ query }: { readonly query: string }) {
  if (query !== "") return <Hint title="Nothing found">No dashboard has “{query}” in its title.</Hint>;
  return <Hint title="No dashboards yet">Import one, or put a file where the provisioning looks for them.</Hint>;
}
