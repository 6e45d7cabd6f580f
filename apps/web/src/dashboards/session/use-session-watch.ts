import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { ApiError } from "../../shared/http/api-error.ts";

/** Looks at the session anew as soon as any request is refused for want of one, so that a lapsed one leads to sign-in. */
export function useSessionWatch(): void {
  const queryClient = useQueryClient();
  useEffect(
    () =>
      queryClient.getQueryCache().subscribe((event) => {
        if (event.type !== "updated" || event.action.type !== "error") return;
        const error: unknown = event.action.error;
        const refused = error instanceof ApiError && error.status === 401;
        if (refused && event.query.queryKey[0] !== "session")
          void queryClient.invalidateQueries({ queryKey: ["session"] });
      }),
    [queryClient],
  );
}
