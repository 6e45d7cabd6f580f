import { ActionIcon, Menu, Popover, Tooltip } from "@mantine/core";
import { useIntersection } from "@mantine/hooks";
import {
  type DashboardLink,
  interpolateRaw,
  interpolateText,
  type Panel,
  panelRange,
  type TimeRange,
  type TimeZone,
  type VariableScope,
} from "@tatou/dashboard-model";
import { lazy, memo, Suspense, useState } from "react";
import { diagnosticOf } from "../../shared/http/api-error.ts";
import { DotsIcon, InfoIcon, WarningIcon } from "../../shared/icons.tsx";
import { changeSearch } from "../../shared/location.ts";
import type { DataSource } from "../api/dashboards-api.ts";
import { PanelBody } from "../panels/PanelBody.tsx";
import { safeLink } from "../text/safe-link.ts";
import classes from "./panel.module.css";
import { type PanelState, usePanelData } from "./use-panel-data.ts";

const PanelInspect = lazy(async () => ({ default: (await import("./PanelInspect.tsx")).PanelInspect }));

export interface PanelFrameProps {
  readonly panelKey: string;
  readonly panel: Panel;
  readonly scope: VariableScope;
  readonly range: TimeRange;
  readonly nowMs: number;
  readonly zone: TimeZone;
  readonly dataSources: readonly DataSource[];
  readonly syncKey: string;
  readonly widthPixels: number;
  readonly onZoom: (range: TimeRange) => void;
}

/** A panel with its title, its menu, and in words whatever keeps it from showing data. */
export const PanelFrame = memo(function PanelFrame(props: PanelFrameProps) {
  const { panel, scope, range, dataSources, widthPixels, panelKey } = props;
  const { ref, entry } = useIntersection({ rootMargin: "200px" });
  const [inspecting, setInspecting] = useState(false);
  const state = usePanelData({
    panel,
    range,
    scope,
    dataSources,
    widthPixels,
    enabled: entry?.isIntersecting === true,
  });
  const title = interpolateText(panel.title, scope);
  return (
    <section ref={ref} className={classes.panel} data-transparent={panel.transparent || undefined} aria-label={title}>
      <header className={classes.header} data-empty={title === "" && panel.description === "" ? true : undefined}>
        <h2 className={classes.title} title={title}>
          {title}
        </h2>
        {panel.description !== "" && <Description text={interpolateText(panel.description, scope)} />}
        {panel.timeFrom !== "" && <span className={classes.timeInfo}>last {panel.timeFrom.replace(/^now-/, "")}</span>}
        <PanelFlags panel={panel} state={state} />
        <PanelMenu onInspect={() => setInspecting(true)} panelKey={panelKey} links={panelLinks(panel, scope)} />
      </header>
      {state.loading && <div className={classes.loadingBar} />}
      <div className={classes.body}>
        <PanelBody
          panel={panel}
          state={state}
          scope={scope}
          range={panelRange(panel, range)}
          nowMs={props.nowMs}
          zone={props.zone}
          syncKey={props.syncKey}
          onZoom={props.onZoom}
        />
      </div>
      {inspecting && (
        <Suspense fallback={null}>
          <PanelInspect
            title={title}
            panel={panel}
            state={state}
            zone={props.zone}
            onClose={() => setInspecting(false)}
          />
        </Suspense>
      )}
    </section>
  );
});

function Description({ text }: { readonly text: string }) {
  return (
    <Tooltip label={text} multiline maw={320} events={{ hover: true, focus: true, touch: true }}>
      <button type="button" className={classes.headerIcon} aria-label={`About this panel: ${text}`}>
        <InfoIcon size={14} />
      </button>
    </Tooltip>
  );
}

/** Small marks in the header: what the panel lacks, and a failed refresh behind data that is still shown. */
function PanelFlags({ panel, state }: { readonly panel: Panel; readonly state: PanelState }) {
  const stale = state.error !== null && state.data !== undefined;
  const dropped = state.data?.droppedSeriesCount ?? 0;
  const notes = [...panel.lacks, ...(dropped === 0 ? [] : [`${dropped} more series, left out`])];
  return (
    <>
      {panel.view.kind !== "unsupported" && notes.length > 0 && (
        <Popover width={280} position="bottom-start">
          <Popover.Target>
            <button type="button" className={classes.lacks} aria-label={`Not shown: ${notes.join(", ")}`}>
              partly shown
            </button>
          </Popover.Target>
          <Popover.Dropdown>
            Not shown here:
            <ul className={classes.notes}>
              {notes.map((note) => (
                <li key={note}>{note}</li>
              ))}
            </ul>
          </Popover.Dropdown>
        </Popover>
      )}
      {stale && (
        <Tooltip label={diagnosticOf(state.error).message} multiline maw={360}>
          <span className={classes.stale}>
            <WarningIcon size={14} /> not refreshed
          </span>
        </Tooltip>
      )}
    </>
  );
}

interface PanelMenuProps {
  readonly panelKey: string;
  readonly links: readonly DashboardLink[];
  readonly onInspect: () => void;
}

function PanelMenu({ onInspect, panelKey, links }: PanelMenuProps) {
  return (
    <Menu position="bottom-end" width={170}>
      <Menu.Target>
        <ActionIcon size={22} className={classes.menu} aria-label="Panel menu">
          <DotsIcon size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => changeSearch({ viewPanel: panelKey })}>View alone</Menu.Item>
        <Menu.Item onClick={onInspect}>Inspect</Menu.Item>
        {links.length > 0 && <Menu.Divider />}
        {links.map((link) => (
          <Menu.Item key={link.url} component="a" href={link.url} target="_blank" rel="noreferrer noopener">
            {link.title}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** The author's links with their variables filled in, which may not have turned them into anything but links. */
function panelLinks(panel: Panel, scope: VariableScope): DashboardLink[] {
  return panel.links.flatMap((link) => {
    const url = safeLink(interpolateRaw(link.url, scope));
    return url === null ? [] : [{ url, title: interpolateText(link.title, scope) }];
  });
}
