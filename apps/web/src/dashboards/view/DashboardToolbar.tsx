import { ActionIcon, Button, Popover, Tooltip } from "@mantine/core";
import { type Dashboard, isRelative, type TimeRange } from "@tatou/dashboard-model";
import { InfoIcon, ZoomOutIcon } from "../../shared/icons.tsx";
import { changeSearch, followLink } from "../../shared/location.ts";
import classes from "./dashboard.module.css";
import { type DashboardAddress, zoomedOut } from "./dashboard-address.ts";
import { RefreshPicker } from "./RefreshPicker.tsx";
import { TimeRangePicker } from "./TimeRangePicker.tsx";

interface DashboardToolbarProps {
  readonly dashboard: Dashboard;
  readonly folder: string | undefined;
  readonly address: DashboardAddress;
  readonly range: TimeRange;
  readonly nowMs: number;
  readonly onReload: () => void;
}

export function DashboardToolbar({ dashboard, folder, address, range, nowMs, onReload }: DashboardToolbarProps) {
  return (
    <div className={classes.toolbar}>
      <div className={classes.titles}>
        <a className={classes.crumb} href="/" onClick={followLink}>
          {folder === undefined || folder === "" ? "Dashboards" : folder}
        </a>
        <span className={classes.crumbSlash}>/</span>
        <h1 className={classes.title}>{dashboard.title}</h1>
        {dashboard.description !== "" && (
          <Tooltip label={dashboard.description} multiline maw={360}>
            <span className={classes.titleInfo}>
              <InfoIcon size={15} />
            </span>
          </Tooltip>
        )}
        {dashboard.lacks.length > 0 && <Lacks lacks={dashboard.lacks} />}
      </div>
      <div className={classes.tools}>
        {address.viewPanel !== null && (
          <Button variant="default" onClick={() => changeSearch({ viewPanel: null })}>
            All panels
          </Button>
        )}
        {dashboard.links.map((link) => (
          <Button
            key={link.url}
            component="a"
            href={link.url}
            target="_blank"
            rel="noreferrer noopener"
            variant="subtle"
          >
            {link.title}
          </Button>
        ))}
        <TimeRangePicker timeRange={address.timeRange} range={range} zone={dashboard.zone} nowMs={nowMs} />
        <Tooltip label="Show twice as much time">
          <ActionIcon
            variant="default"
            size={30}
            aria-label="Show twice as much time"
            onClick={() => changeSearch({ ...zoomedOut(range, nowMs) })}
          >
            <ZoomOutIcon size={15} />
          </ActionIcon>
        </Tooltip>
        <RefreshPicker refresh={address.refresh} live={isRelative(address.timeRange)} onReload={onReload} />
      </div>
    </div>
  );
}

function Lacks({ lacks }: { readonly lacks: readonly string[] }) {
  return (
    <Popover width={320} position="bottom-start">
      <Popover.Target>
        <button type="button" className={classes.lacksButton}>
          not everything is shown
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        This dashboard also asks for:
        <ul className={classes.lacksList}>
          {lacks.map((lack) => (
            <li key={lack}>{lack}</li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}
