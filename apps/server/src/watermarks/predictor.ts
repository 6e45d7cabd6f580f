/** Undoes the row prediction of PNG, which PDF allows on compressed streams and many writers use for object tables. */

export interface Prediction {
  readonly predictor: number;
  readonly colors: number;
  readonly bitsPerComponent: number;
  readonly columns: number;
}

/** @returns null when the prediction is not one of PNG, or the sizes make no sense */
export function undoPredictor(bytes: Buffer, prediction: Prediction): Buffer | null {
  if (prediction.predictor === 1) return bytes;
  if (prediction.predictor < 10 || prediction.predictor > 15) return null;
  const pixelBits = prediction.colors * prediction.bitsPerComponent;
  const pixelBytes = Math.max(1, Math.ceil(pixelBits / 8));
  const rowBytes = Math.ceil((pixelBits * prediction.columns) / 8);
  if (!(rowBytes >= 1 && rowBytes <= bytes.length && pixelBytes <= rowBytes)) return null;
  const rowCount = Math.floor(bytes.length / (rowBytes + 1));
  const rows = Buffer.alloc(rowCount * rowBytes);
  for (let row = 0; row < rowCount; row++) {
    const source = row * (rowBytes + 1);
    const kind = bytes[source] ?? 0;
    const start = row * rowBytes;
    for (let column = 0; column < rowBytes; column++) {
      const left = column >= pixelBytes ? (rows[start + column - pixelBytes] ?? 0) : 0;
      const up = row > 0 ? (rows[start - rowBytes + column] ?? 0) : 0;
      const upLeft = row > 0 && column >= pixelBytes ? (rows[start - rowBytes + column - pixelBytes] ?? 0) : 0;
      rows[start + column] = (bytes[source + 1 + column] ?? 0) + predict(kind, { left, up, upLeft });
    }
  }
  return rows;
}

interface Neighbours {
  readonly left: number;
  readonly up: number;
  readonly upLeft: number;
}

function predict(kind: number, { left, up, upLeft }: Neighbours): number {
  switch (kind) {
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4:
      return paeth({ left, up, upLeft });
    default:
      return 0;
  }
}

/** The neighbour that is nearest to left + up - upLeft; PNG, filter type 4. */
function paeth({ left, up, upLeft }: Neighbours): number {
  const estimate = left + up - upLeft;
  const leftDistance = Math.abs(estimate - left);
  const upDistance = Math.abs(estimate - up);
  const upLeftDistance = Math.abs(estimate - upLeft);
  if (leftDistance <= upDistance && leftDistance <= upLeftDistance) return left;
  return upDistance <= upLeftDistance ? up : upLeft;
}
