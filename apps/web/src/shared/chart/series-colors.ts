/**
 * Colours of series without one of their own, in the order they are given out: neighbours differ in hue and in lightness,
 * and each has enough contrast on the dark and on the light surface.
 */
export const seriesColors = [
  "#4c9be8",
  "#e8a33d",
  "#47b39c",
  "#e0685e",
  "#a884e6",
  "#7fae3f",
  "#e283b5",
  "#3fb4cf",
  "#c98a55",
  "#7a8fe0",
  "#c2a92f",
  "#d66bd0",
  "#5fa777",
  "#e5824a",
  "#8f9bab",
  "#5c7fc0",
] as const;

export function seriesColor(index: number): string {
  return seriesColors[index % seriesColors.length] ?? seriesColors[0];
}
