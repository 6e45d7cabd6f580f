import { usePageLocation } from "../shared/location.ts";
import { Shell, type ShellLink } from "../shared/shell/Shell.tsx";
import { MissingPage } from "../shared/states/MissingPage.tsx";
import { GroupsPage } from "./groups/GroupsPage.tsx";
import { InboxPage } from "./inbox/InboxPage.tsx";
import { NewSilencePage } from "./silences/NewSilencePage.tsx";
import { SilencesPage } from "./silences/SilencesPage.tsx";
import { StatusPage } from "./status/StatusPage.tsx";

const links: readonly ShellLink[] = [
  { label: "Alerts", path: "/alerts", alsoAt: ["/"] },
  { label: "Silences", path: "/silences" },
  { label: "Inbox", path: "/inbox" },
  { label: "Status", path: "/status" },
];

/** The pages of the alerts program. */
export function AlertsApp() {
  const { path } = usePageLocation();
  return (
    <Shell product="Alerts" links={links}>
      <Page path={path.replace(/\/+$/, "")} />
    </Shell>
  );
}

function Page({ path }: { readonly path: string }) {
  switch (path) {
    case "":
    case "/alerts":
      return <GroupsPage />;
    case "/silences":
      return <SilencesPage />;
    case "/silences/new":
      return <NewSilencePage />;
    case "/inbox":
      return <InboxPage />;
    case "/status":
      return <StatusPage />;
    default:
      return <MissingPage links={links} />;
  }
}
