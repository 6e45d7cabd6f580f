import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, gzipSync, constants as zlib } from "node:zlib";
import type { Plugin } from "vite";

const textExtensions = new Set([".js", ".css", ".svg", ".json", ".map", ".txt"]);

/** Below this, headers cost more than compression saves. */
const sizeMinBytes = 1024;

/**
 * Writes `name.gz` and `name.br` beside each text asset, so that the apps serve them without compressing at run time.
 * HTML is left alone: the server fills in a nonce on each response.
 */
export function compressAssets(): Plugin {
  let outDir = "";
  return {
    name: "tatou-compress-assets",
    apply: "build",
    configResolved(config) {
      outDir = config.build.outDir;
    },
    closeBundle() {
      for (const path of filesBelow(outDir)) if (textExtensions.has(extname(path))) compressFile(path);
    },
  };
}

function compressFile(path: string): void {
  const bytes = readFileSync(path);
  if (bytes.byteLength < sizeMinBytes) return;
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  const params = { [zlib.BROTLI_PARAM_QUALITY]: 11, [zlib.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength };
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
}

function* filesBelow(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}
