export interface TileLayoutInput {
  readonly count: number;
  readonly width: number;
  readonly height: number;
  /** Tiles below each other or side by side; null lets the room decide. */
  readonly horizontal: boolean | null;
}

export interface TileLayout {
  readonly columns: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
}

/** A tile is best at this width for its height: room for some six digits. */
const idealRatio = 1.8;

/** Arranges tiles of equal size so that they come closest to a shape that numbers fill well. */
export function tileLayout({ count, width, height, horizontal }: TileLayoutInput): TileLayout {
  const shape = (columns: number): TileLayout => ({
    columns,
    tileWidth: width / columns,
    tileHeight: height / Math.max(1, Math.ceil(count / columns)),
  });
  if (count <= 1) return shape(1);
  if (horizontal !== null) return shape(horizontal ? 1 : count);
  let best = shape(1);
  for (let columns = 2; columns <= count; columns++) {
    const next = shape(columns);
    if (unfitness(next) < unfitness(best)) best = next;
  }
  return best;
}

function unfitness({ tileWidth, tileHeight }: TileLayout): number {
  return Math.abs(Math.log(tileWidth / Math.max(1, tileHeight) / idealRatio));
}
