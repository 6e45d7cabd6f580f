import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { StorageStatusAnswer } from "@tatou/api";
import { requestJson } from "../../shared/http/api-client.ts";

const refetchEveryMs = 5000;
/** While the log is read, somebody waits. */
const awaitEveryMs = 1000;

/** How the storage is, kept fresh on every page. */
export function useStorageStatus(): UseQueryResult<StorageStatusAnswer> {
  return useQuery({
    queryKey: ["storage"],
    queryFn: ({ signal }) => requestJson<StorageStatusAnswer>("/api/tatou/v1/storage", { signal }),
    refetchInterval: ({ state }) => (state.data?.state === "starting" ? awaitEveryMs : refetchEveryMs),
  });
}
