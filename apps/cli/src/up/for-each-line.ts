import type { Readable } from "node:stream";

const lineLengthMax = 16_384;

/** Calls back with each line of a stream; of a longer line the rest is left out, and the last needs no line end. */
export function forEachLine(stream: Readable, callback: (line: string) => void): void {
  let line = "";
  const add = (text: string): void => {
    line += text.slice(0, lineLengthMax - line.length);
  };
  stream.setEncoding("utf8").on("data", (text: string) => {
    const parts = text.split("\n");
    add(parts[0]!);
    for (const part of parts.slice(1)) {
      callback(line);
      line = "";
      add(part);
    }
  });
  stream.on("close", () => {
    if (line !== "") callback(line);
  });
}
