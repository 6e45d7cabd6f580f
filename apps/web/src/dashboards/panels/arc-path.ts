interface Arc {
  readonly radius: number;
  /** Clockwise from the top. */
  readonly fromDegrees: number;
  readonly toDegrees: number;
}

/** An arc around (100, 100) as an SVG path. */
export function arcPath({ radius, fromDegrees, toDegrees }: Arc): string {
  // A full circle would end where it begins and vanish.
  const end = Math.min(toDegrees, fromDegrees + 359.99);
  const large = end - fromDegrees > 180 ? 1 : 0;
  return `M${pointAt(radius, fromDegrees)}A${radius} ${radius} 0 ${large} 1 ${pointAt(radius, end)}`;
}

function pointAt(radius: number, degrees: number): string {
  const radians = ((degrees - 90) * Math.PI) / 180;
  return `${round(100 + radius * Math.cos(radians))} ${round(100 + radius * Math.sin(radians))}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
