import { usePageLocation } from "../shared/location.ts";
import { Shell, type ShellLink } from "../shared/shell/Shell.tsx";
import { Hint } from "../shared/states/Hint.tsx";
import { RulesPage } from "./alerts/RulesPage.tsx";
import { QueryPage } from "./query/QueryPage.tsx";
import { TargetsPage } from "./targets/TargetsPage.tsx";

const links: readonly ShellLink[] = [
  { label: "Query", path: "/query", alsoAt: ["/", "/graph"] },
  { label: "Alerts", path: "/alerts" },
  { label: "Targets", path: "/targets" },
  { label: "Recording rules", path: "/rules" },
];

/** The engine's pages. */
export function EngineApp() {
  const { path } = usePageLocation();
  return (
    <Shell product="Engine" links={links}>
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
    case "/rules":
      return <RulesPage kind="recording" />;
    default:
      return <Hint title="There is no such page">The engine has Query, Alerts, Targets and Recording rules.</Hint>;
  }
}
