/** How a field gets its colour, as dashboards write it. */
export interface FieldColor {
  readonly mode: string;
  /** A colour's name or a CSS colour. */
  readonly fixedColor?: string;
}

type Shade = "super-light" | "light" | "" | "semi-dark" | "dark";

/** The five shades of the hues that dashboards name, from super-light to dark. */
const hues: Readonly<Record<string, readonly [string, string, string, string, string]>> = {
  red: ["#ffa8a4", "#ff7f7a", "#f0605b", "#dd3f3c", "#bf2020"],
  orange: ["#ffc58f", "#ffa95c", "#f58f35", "#e57414", "#cc5a00"],
  yellow: ["#ffea9c", "#fcdc62", "#efc52f", "#dfae13", "#c79400"],
  green: ["#bfe5c0", "#90d09a", "#5cb870", "#38994f", "#237a39"],
  blue: ["#b9d6ff", "#86b7fa", "#5796f0", "#2f74dd", "#1a57c0"],
  purple: ["#dcc4f7", "#c49df0", "#ab79e2", "#9157cf", "#7239b0"],
};

const shadeIndex: Readonly<Record<Shade, number>> = { "super-light": 0, light: 1, "": 2, "semi-dark": 3, dark: 4 };

/**
 * The CSS colour of a name such as "green" or "semi-dark-orange"; "text" is the text's own colour. Anything else is
 * taken for a CSS colour if it looks like one, else for the neutral grey.
 */
export function cssColor(name: string): string {
  if (name === "text") return "currentColor";
  if (name === "transparent") return "transparent";
  const match = /^(?:(super-light|light|semi-dark|dark)-)?(red|orange|yellow|green|blue|purple)$/.exec(name);
  const shades = match === null ? undefined : hues[match[2] ?? ""];
  if (shades !== undefined) return shades[shadeIndex[(match?.[1] ?? "") as Shade]] ?? neutral;
  return cssColorPattern.test(name) ? name : neutral;
}

const neutral = "#8f9bab";

/** Hex, functions over numbers, plain names: nothing that could name a URL. */
const cssColorPattern = /^(?:#[0-9a-f]{3,8}|(?:rgb|rgba|hsl|hsla)\([0-9.,%/ ]{1,60}\)|[a-z]{3,24})$/i;
