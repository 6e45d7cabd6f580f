import type { ReactNode } from "react";
import { usePageLocation } from "../shared/location.ts";
import { Shell, type ShellLink } from "../shared/shell/Shell.tsx";
import { MissingPage } from "../shared/states/MissingPage.tsx";
import { RulesPage } from "./alerts/RulesPage.tsx";
import { CheckPage } from "./check/CheckPage.tsx";
import { QueryPage } from "./query/QueryPage.tsx";
import { StorageNotice } from "./storage/StorageNotice.tsx";
import { StoragePage } from "./storage/StoragePage.tsx";
import { TargetsPage } from "./targets/TargetsPage.tsx";

const links: readonly ShellLink[] = [
  { label: "Query", path: "/query", alsoAt: ["/", "/graph"] },
  { label: "Alerts", path: "/alerts" },
  { label: "Targets", path: "/targets" },
  { label: "Recording rules", path: "/rules" },
  { label: "Check", path: "/check" },
  { label: "Storage", path: "/tsdb-status" },
];

/** Pages of Prometheus that are none here: where what they show can be found. */
const prometheusPages: Readonly<Record<string, ReactNode>> = {
  "/config": apiInstead("The configuration in force", "/api/v1/status/config"),
  "/flags": apiInstead("What the flags are set to", "/api/v1/status/flags"),
  "/status": apiInstead("How the program runs", "/api/v1/status/runtimeinfo"),
  "/service-discovery": "Discovered targets and their labels are on the page Targets.",
  "/alertmanager-discovery": apiInstead("Where alerts are sent", "/api/v1/alertmanagers"),
};

function apiInstead(what: string, path: string): ReactNode {
  return (
    <>
      {what} has no page of its own here; the API tells it: <a href={path}>{path}</a>
    </>
  );
}

/** The engine's pages. */
export function EngineApp() {
  const { path } = usePageLocation();
  return (
    <Shell product="Engine" links={links}>
      <StorageNotice />
      <Page path={path.replace(/\/+$/, "")} />
    </Shell>
  );
}

function Page({ path }: { readonly path: string }) {
  switch (path) {
    case "":
    case "/query":
    case "/graph":
      return <QueryPage />;
    case "/targets":
      return <TargetsPage />;
    case "/alerts":
      return <RulesPage kind="alerting" />;
    case "/check":
      return <CheckPage />;
    case "/tsdb-status":
      return <StoragePage />;
    case "/rules":
      return <RulesPage kind="recording" />;
    default:
      return <MissingPage links={links}>{prometheusPages[path]}</MissingPage>;
  }
}
