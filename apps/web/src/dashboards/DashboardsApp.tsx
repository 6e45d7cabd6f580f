import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { ApiError, diagnosticOf } from "../shared/http/api-error.ts";
import { navigate, usePageLocation } from "../shared/location.ts";
import { Shell, type ShellLink } from "../shared/shell/Shell.tsx";
import { MissingPage } from "../shared/states/MissingPage.tsx";
import { Problem } from "../shared/states/Problem.tsx";
import { TableSkeleton } from "../shared/states/TableSkeleton.tsx";
import { getSession, type Session } from "./api/dashboards-api.ts";
import { HomePage } from "./home/HomePage.tsx";
import { AccountMenu } from "./session/AccountMenu.tsx";
import { LoginPage } from "./session/LoginPage.tsx";
import { isPasswordAskedFor, usePasswordSkip } from "./session/password-skip.ts";
import { useSessionWatch } from "./session/use-session-watch.ts";
import { DashboardPage } from "./view/DashboardPage.tsx";

// Pages that are seldom the first one come when they are asked for.
const DataSourcePage = lazy(async () => ({
  default: (await import("./connections/DataSourcePage.tsx")).DataSourcePage,
}));
const DataSourcesPage = lazy(async () => ({
  default: (await import("./connections/DataSourcesPage.tsx")).DataSourcesPage,
}));
const ImportPage = lazy(async () => ({ default: (await import("./import/ImportPage.tsx")).ImportPage }));
const FirstPasswordPage = lazy(async () => ({
  default: (await import("./session/FirstPasswordPage.tsx")).FirstPasswordPage,
}));
const PasswordPage = lazy(async () => ({ default: (await import("./session/PasswordPage.tsx")).PasswordPage }));

const links: readonly ShellLink[] = [
  { label: "Dashboards", path: "/", alsoAt: ["/d"] },
  { label: "Import", path: "/dashboard/import" },
  { label: "Data sources", path: "/connections/datasources" },
];

/** Everything on the dashboards port: a visitor signs in first, then the address chooses the page. */
export function DashboardsApp() {
  const { path, search } = usePageLocation();
  const session = useQuery({
    queryKey: ["session"],
    queryFn: ({ signal }) => getSession({ signal }),
    enabled: path !== "/login",
  });
  const signedOut = session.error instanceof ApiError && session.error.status === 401;
  useSessionWatch();
  useEffect(() => {
    if (signedOut && path !== "/login") navigate(loginAddress(path, search), { replace: true });
  }, [signedOut, path, search]);

  if (path === "/login") return <LoginPage />;
  if (session.isPending || signedOut) return <Frame session={null}>{<TableSkeleton />}</Frame>;
  if (session.isError && session.data === undefined)
    return (
      <Frame session={null}>
        <Problem diagnostic={diagnosticOf(session.error)} onRetry={() => void session.refetch()} />
      </Frame>
    );
  return <SignedIn session={session.data} />;
}

function SignedIn({ session }: { readonly session: Session }) {
  const { path } = usePageLocation();
  const [skipped, skip] = usePasswordSkip();
  if (isPasswordAskedFor(session, skipped))
    return (
      <Suspense fallback={null}>
        <FirstPasswordPage onSkip={skip} />
      </Suspense>
    );
  const dashboard = /^\/d\/([^/]+)/.exec(path);
  return (
    <Frame session={session} wide={dashboard !== null}>
      <Suspense fallback={<TableSkeleton />}>
        <Page path={path} dashboardUid={dashboard?.[1]} />
      </Suspense>
    </Frame>
  );
}

function Page({ path, dashboardUid }: { readonly path: string; readonly dashboardUid: string | undefined }) {
  if (dashboardUid !== undefined) return <DashboardPage key={dashboardUid} uid={decoded(dashboardUid)} />;
  const dataSource = /^\/connections\/datasources\/edit\/([^/]+)$/.exec(path)?.[1];
  if (dataSource !== undefined) return <DataSourcePage key={dataSource} uid={decoded(dataSource)} />;
  switch (path) {
    case "/":
    case "/dashboards":
      return <HomePage />;
    case "/dashboard/import":
      return <ImportPage />;
    case "/connections/datasources":
      return <DataSourcesPage />;
    case "/connections/datasources/new":
      return <DataSourcePage uid={null} />;
    case "/profile/password":
      return <PasswordPage />;
    default:
      return <MissingPage links={links} />;
  }
}

interface FrameProps {
  readonly session: Session | null;
  readonly wide?: boolean;
  readonly children: React.ReactNode;
}

function Frame({ session, wide = false, children }: FrameProps) {
  return (
    <Shell
      product="Dashboards"
      links={links}
      wide={wide}
      actions={session === null ? null : <AccountMenu login={session.login} />}
    >
      {children}
    </Shell>
  );
}

/** A part of a path as text; one that is no valid encoding stands for itself. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function loginAddress(path: string, search: URLSearchParams): string {
  const query = search.toString();
  const target = query === "" ? path : `${path}?${query}`;
  return target === "/" ? "/login" : `/login?${new URLSearchParams({ redirectTo: target }).toString()}`;
}
