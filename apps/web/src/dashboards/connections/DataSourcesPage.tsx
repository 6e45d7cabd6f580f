import { Badge, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { diagnosticOf } from "../../shared/http/api-error.ts";
import { DatabaseIcon, PlusIcon } from "../../shared/icons.tsx";
import { followLink } from "../../shared/location.ts";
import { PageHeader } from "../../shared/shell/PageHeader.tsx";
import { Hint } from "../../shared/states/Hint.tsx";
import { Problem } from "../../shared/states/Problem.tsx";
import { TableSkeleton } from "../../shared/states/TableSkeleton.tsx";
import { usePageTitle } from "../../shared/use-page-title.ts";
import { getDataSources } from "../api/dashboards-api.ts";
import classes from "./connections.module.css";

export function DataSourcesPage() {
  usePageTitle("Data sources");
  const dataSources = useQuery({ queryKey: ["datasources"], queryFn: ({ signal }) => getDataSources({ signal }) });
  return (
    <>
      <PageHeader title="Data sources" subtitle="Where dashboards take their numbers from.">
        <Button
          component="a"
          href="/connections/datasources/new"
          onClick={followLink}
          leftSection={<PlusIcon size={14} />}
        >
          Add data source
        </Button>
      </PageHeader>
      {dataSources.isPending && <TableSkeleton rowCount={3} />}
      {dataSources.isError && (
        <Problem diagnostic={diagnosticOf(dataSources.error)} onRetry={() => void dataSources.refetch()} />
      )}
      {dataSources.isSuccess && dataSources.data.length === 0 && (
        <Hint title="No data source yet">Add the Prometheus (or our engine) that has the metrics.</Hint>
      )}
      {dataSources.isSuccess && dataSources.data.length > 0 && (
        <ul className={classes.list}>
          {dataSources.data.map((one) => (
            <li key={one.uid}>
              <a
                className={classes.entry}
                href={`/connections/datasources/edit/${encodeURIComponent(one.uid)}`}
                onClick={followLink}
              >
                <DatabaseIcon size={20} className={classes.entryIcon} />
                <span>
                  <span className={classes.name}>{one.name}</span>
                  <span className={classes.url}>
                    {one.type} · {one.url}
                  </span>
                </span>
                <span className={classes.badges}>
                  {one.isDefault && <Badge>default</Badge>}
                  {one.readOnly === true && <Badge color="gray">provisioned</Badge>}
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
