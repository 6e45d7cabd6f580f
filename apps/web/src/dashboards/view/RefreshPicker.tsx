import { ActionIcon, Button, Menu, Tooltip } from "@mantine/core";
import { CheckIcon, ChevronDownIcon, RefreshIcon } from "../../shared/icons.tsx";
import { changeSearch } from "../../shared/location.ts";

const intervals = ["5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h"];

interface RefreshPickerProps {
  /** "" for off. */
  readonly refresh: string;
  /** False for a range in the past, which no refresh changes. */
  readonly live: boolean;
  readonly onReload: () => void;
}

export function RefreshPicker({ refresh, live, onReload }: RefreshPickerProps) {
  const choices = intervals.includes(refresh) || refresh === "" ? intervals : [refresh, ...intervals];
  return (
    <Button.Group>
      <Tooltip label="Refresh now">
        <ActionIcon
          variant="default"
          size={30}
          aria-label="Refresh now"
          onClick={onReload}
          style={{ borderRadius: "4px 0 0 4px" }}
        >
          <RefreshIcon size={15} />
        </ActionIcon>
      </Tooltip>
      <Menu position="bottom-end" width={130}>
        <Menu.Target>
          <Button
            variant="default"
            px={8}
            rightSection={<ChevronDownIcon size={13} />}
            aria-label="Refresh interval"
            title={live ? undefined : "This range is in the past: nothing changes in it"}
          >
            {refresh === "" ? "Off" : refresh}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {["", ...choices].map((choice) => (
            <Menu.Item
              key={choice}
              onClick={() => changeSearch({ refresh: choice === "" ? "off" : choice })}
              rightSection={choice === refresh ? <CheckIcon size={14} /> : null}
            >
              {choice === "" ? "Off" : choice}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Button.Group>
  );
}
