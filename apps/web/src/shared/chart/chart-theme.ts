/** The colours that a canvas needs as values, read from the tokens of the scheme in use. */
export interface ChartTheme {
  readonly text: string;
  readonly gridLine: string;
  readonly crosshair: string;
  readonly font: string;
}

export function readChartTheme(element: Element): ChartTheme {
  const style = getComputedStyle(element);
  return {
    text: style.getPropertyValue("--tatou-text-muted").trim(),
    gridLine: style.getPropertyValue("--tatou-grid-line").trim(),
    crosshair: style.getPropertyValue("--tatou-crosshair").trim(),
    font: `11px ${style.fontFamily}`,
  };
}
