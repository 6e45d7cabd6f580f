import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./theme/mantine-styles.ts";
import { PageErrorBoundary } from "./states/PageErrorBoundary.tsx";
import { colorSchemeManager } from "./theme/color-scheme.ts";
import { cspNonce } from "./theme/csp-nonce.ts";
import { cssVariablesResolver, theme } from "./theme/theme.ts";

/** Puts a page into #root, in place of whatever the server had drawn there for readers without scripts. */
export function mountPage(page: ReactNode): void {
  const root = document.querySelector("#root");
  if (root === null) throw new Error('Cannot mount the page: found no element "#root"');
  // The scroll lock behind drawers makes a style element of its own and looks for the nonce under this name.
  Object.assign(globalThis, { __webpack_nonce__: cspNonce() });
  const queryClient = new QueryClient({
    // Pages refetch on their own schedule, and an error is shown at once instead of after silent retries.
    defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false, staleTime: 0 } },
  });
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        colorSchemeManager={colorSchemeManager}
        cssVariablesResolver={cssVariablesResolver}
        defaultColorScheme="auto"
        getStyleNonce={cspNonce}
      >
        <QueryClientProvider client={queryClient}>
          <PageErrorBoundary>{page}</PageErrorBoundary>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
