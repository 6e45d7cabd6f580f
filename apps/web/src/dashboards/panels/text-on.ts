const darkText = "#11161c";
const lightText = "#ffffff";

/** Dark or white, whichever has more contrast on a hex colour; white for colours of another form. */
export function textOn(color: string): string {
  const ground = luminance(color);
  if (ground === null) return lightText;
  return contrast(ground, luminance(darkText) ?? 0) > contrast(ground, 1) ? darkText : lightText;
}

/** WCAG 2.2 contrast ratio of two relative luminances. */
function contrast(left: number, right: number): number {
  return (Math.max(left, right) + 0.05) / (Math.min(left, right) + 0.05);
}

function luminance(color: string): number | null {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (match === null) return null;
  const [red = 0, green = 0, blue = 0] = match.slice(1).map((part) => linear(Number.parseInt(part, 16) / 255));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}
