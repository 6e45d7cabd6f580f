import { useQuery } from "@tanstack/react-query";
import { requestJson } from "../../shared/http/api-client.ts";
import type { OwnStatus } from "../alerts-api.ts";

/** What this program says of itself; shared by the notice on every list and by the status page. */
export function useOwnStatus() {
  return useQuery({
    queryKey: ["own-status"],
    queryFn: ({ signal }) => requestJson<OwnStatus>("/api/tatou/v1/status", { signal }),
    refetchInterval: 5000,
  });
}
