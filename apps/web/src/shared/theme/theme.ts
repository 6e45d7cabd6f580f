import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

/** The blue of links, buttons and selections; status colours are never used for decoration. */
const tide: MantineColorsTuple = [
  "#eaf2ff",
  "#d5e4fd",
  "#aac8fa",
  "#7caaf7",
  "#5590f3",
  "#3b7fee",
  "#2b74e8",
  "#1c64d1",
  "#1458bb",
  "#074ca4",
];

/** Mantine draws inputs, lines and disabled parts from these two: the hues of tokens.css, from text to ground. */
const dark: MantineColorsTuple = [
  "#d5dce5",
  "#aeb8c4",
  "#8c98a8",
  "#66717f",
  "#384350",
  "#262f3a",
  "#1b222b",
  "#161b22",
  "#0e1217",
  "#0a0d11",
];
const gray: MantineColorsTuple = [
  "#f7f9fb",
  "#f0f3f7",
  "#e6eaef",
  "#dde2e9",
  "#c3cbd6",
  "#aab4c0",
  "#8a95a3",
  "#5c6878",
  "#3d4754",
  "#2a323d",
];

/** Dense and calm: small type, thin lines, no colour without a meaning. */
export const theme = createTheme({
  primaryColor: "tide",
  primaryShade: 7,
  colors: { tide, dark, gray },
  defaultRadius: "sm",
  cursorType: "pointer",
  fontFamily:
    'Inter, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", "DejaVu Sans Condensed", Arial, sans-serif',
  fontFamilyMonospace: "var(--tatou-font-mono)",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  headings: {
    fontWeight: "600",
    sizes: { h1: { fontSize: "20px" }, h2: { fontSize: "16px" }, h3: { fontSize: "14px" }, h4: { fontSize: "13px" } },
  },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "20px", xl: "28px" },
  // As plain objects: naming the components themselves would put them all into the first download.
  components: {
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray", size: "md" } },
    Badge: { defaultProps: { variant: "light", radius: "sm" } },
    Button: { defaultProps: { size: "xs" } },
    Drawer: { defaultProps: { overlayProps: { backgroundOpacity: 0.4 } } },
    Menu: { defaultProps: { shadow: "md", withinPortal: true } },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.4 } } },
    PasswordInput: { defaultProps: { size: "sm" } },
    Popover: { defaultProps: { shadow: "md" } },
    Select: { defaultProps: { size: "xs" } },
    Switch: { defaultProps: { size: "sm" } },
    Table: { defaultProps: { verticalSpacing: 6, horizontalSpacing: "sm" } },
    TextInput: { defaultProps: { size: "sm" } },
    Textarea: { defaultProps: { size: "sm" } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
  },
});

/** Makes Mantine's surfaces, borders and texts the tokens of tokens.css, so that both sides can never differ. */
export const cssVariablesResolver: CSSVariablesResolver = () => {
  const shared = {
    "--mantine-color-body": "var(--tatou-surface)",
    "--mantine-color-text": "var(--tatou-text)",
    "--mantine-color-dimmed": "var(--tatou-text-muted)",
    "--mantine-color-placeholder": "var(--tatou-text-faint)",
    "--mantine-color-default": "var(--tatou-surface-raised)",
    "--mantine-color-default-hover": "var(--tatou-surface-hover)",
    "--mantine-color-default-color": "var(--tatou-text)",
    "--mantine-color-default-border": "var(--tatou-border)",
    "--mantine-color-anchor": "var(--tatou-accent)",
    "--mantine-color-bright": "var(--tatou-text-strong)",
    "--mantine-color-error": "var(--tatou-danger)",
  };
  return { variables: {}, dark: shared, light: shared };
};
