import { useQuery } from "@tanstack/react-query";
import { diagnosticOf } from "../../shared/http/api-error.ts";
import { Problem } from "../../shared/states/Problem.tsx";
import { TableSkeleton } from "../../shared/states/TableSkeleton.tsx";
import { usePageTitle } from "../../shared/use-page-title.ts";
import { type DataSource, getDataSource } from "../api/dashboards-api.ts";
import { DataSourceForm } from "./DataSourceForm.tsx";

/** One data source; null for one that is yet to be made. */
export function DataSourcePage({ uid }: { readonly uid: string | null }) {
  return uid === null ? <NewDataSource /> : <ExistingDataSource uid={uid} />;
}

const draft: DataSource = { uid: "", name: "Prometheus", type: "prometheus", url: "", isDefault: false };

function NewDataSource() {
  usePageTitle("New data source");
  return <DataSourceForm dataSource={draft} />;
}

function ExistingDataSource({ uid }: { readonly uid: string }) {
  usePageTitle("Data source");
  const dataSource = useQuery({
    queryKey: ["datasource", uid],
    queryFn: ({ signal }) => getDataSource(uid, { signal }),
  });
  if (dataSource.isPending) return <TableSkeleton rowCount={4} />;
  if (dataSource.isError)
    return <Problem diagnostic={diagnosticOf(dataSource.error)} onRetry={() => void dataSource.refetch()} />;
  return <DataSourceForm dataSource={dataSource.data} />;
}
