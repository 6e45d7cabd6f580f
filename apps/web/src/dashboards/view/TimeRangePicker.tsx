import { Button, Popover, TextInput } from "@mantine/core";
import {
  describeTimeRange,
  quickRanges,
  type RawTimeRange,
  resolveTimeRange,
  type TimeRange,
  type TimeZone,
} from "@tatou/dashboard-model";
import { type FormEvent, useState } from "react";
import { formatDateTime } from "../../shared/format/time.ts";
import { ChevronDownIcon, ClockIcon } from "../../shared/icons.tsx";
import { changeSearch } from "../../shared/location.ts";
import classes from "./TimeRangePicker.module.css";

interface TimeRangePickerProps {
  readonly timeRange: RawTimeRange;
  readonly range: TimeRange;
  readonly zone: TimeZone;
  readonly nowMs: number;
}

/** Quick ranges on one side; on the other, any two times by hand. */
export function TimeRangePicker({ timeRange, range, zone, nowMs }: TimeRangePickerProps) {
  const [opened, setOpened] = useState(false);
  const shown = describeTimeRange(timeRange, (timeMs) => formatDateTime(timeMs, zone));
  const choose = (chosen: RawTimeRange): void => {
    changeSearch({ from: chosen.from, to: chosen.to });
    setOpened(false);
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus>
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<ClockIcon size={14} />}
          rightSection={<ChevronDownIcon size={13} />}
          aria-label={`Time range: ${shown}`}
          onClick={() => setOpened(!opened)}
          title={`${formatDateTime(range.minTimeMs, zone)} to ${formatDateTime(range.maxTimeMs, zone)}`}
        >
          {shown}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        <div className={classes.picker}>
          <AbsoluteRange key={`${timeRange.from}/${timeRange.to}`} {...{ timeRange, zone, nowMs }} onChoose={choose} />
          <div className={classes.quick}>
            {quickRanges.map((quick) => (
              <button
                key={quick.label}
                type="button"
                className={classes.quickRange}
                aria-pressed={quick.from === timeRange.from && quick.to === timeRange.to}
                onClick={() => choose(quick)}
              >
                {quick.label}
              </button>
            ))}
          </div>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

interface AbsoluteRangeProps {
  readonly timeRange: RawTimeRange;
  readonly zone: TimeZone;
  readonly nowMs: number;
  readonly onChoose: (range: RawTimeRange) => void;
}

function AbsoluteRange({ timeRange, zone, nowMs, onChoose }: AbsoluteRangeProps) {
  const [from, setFrom] = useState(editable(timeRange.from, zone));
  const [to, setTo] = useState(editable(timeRange.to, zone));
  const resolved = resolveTimeRange({ from, to }, nowMs, zone);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (resolved === null) return;
    // Times by hand become milliseconds, so that a shared link means the same moment in every zone.
    onChoose({
      from: from.startsWith("now") ? from : String(resolved.minTimeMs),
      to: to.startsWith("now") ? to : String(resolved.maxTimeMs),
    });
  };
  return (
    <form className={classes.absolute} onSubmit={submit}>
      <TextInput
        size="xs"
        label="From"
        data-autofocus
        value={from}
        onChange={(event) => setFrom(event.currentTarget.value)}
      />
      <TextInput
        size="xs"
        mt={8}
        label="To"
        value={to}
        onChange={(event) => setTo(event.currentTarget.value)}
        error={resolved === null ? "Not a range of time" : null}
      />
      <Button type="submit" mt={12} fullWidth disabled={resolved === null}>
        Apply
      </Button>
      <p className={classes.help}>
        A time as <code>2026-11-22 18:00</code> or <code>now-2h</code>; <code>now/d</code> is the start of today.
        <br />
        Times are {zone === "utc" ? "UTC" : "in your browser's zone"}.
      </p>
    </form>
  );
}

function editable(bound: string, zone: TimeZone): string {
  return /^\d{9,16}$/.test(bound) ? formatDateTime(Number(bound), zone) : bound;
}
