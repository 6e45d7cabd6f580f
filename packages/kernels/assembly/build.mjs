// Compiles the kernels: node packages/kernels/assembly/build.mjs [--check]
// Writes src/<name>.wasm.ts, which holds the compiled bytes as text so that every bundler and thread can carry them; with
// --check it only says whether they are what the sources give.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { main as compile } from "assemblyscript/asc";

const kernels = ["line-template", "snappy"];
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The text of src/<name>.wasm.ts. */
async function compileKernel(name) {
  const options = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd", "--importMemory", "--noExportMemory"];
  let binary;
  const { error } = await compile([`${name}.ts`, "--outFile", `${name}.wasm`, ...options], {
    readFile: (file) => (file === `${name}.ts` ? readFileSync(here(`${name}.as`), "utf8") : null),
    writeFile: (_file, content) => void (binary = content),
    listFiles: () => [],
  });
  if (error !== null || binary === undefined) throw new Error(`Cannot compile ${name}.as`, { cause: error });
  const base64 = Buffer.from(binary).toString("base64");
  return [
    `/** Compiled from assembly/${name}.as by assembly/build.mjs; base64. */`,
    `export const ${name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())}Wasm =`,
    `  "${base64}";`,
    "",
  ].join("\n");
}

function committedKernel(name) {
  return readFileSync(here(`../src/${name}.wasm.ts`), "utf8");
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const name of kernels) {
    const text = await compileKernel(name);
    if (!process.argv.includes("--check")) writeFileSync(here(`../src/${name}.wasm.ts`), text);
    else if (text !== committedKernel(name))
      throw new Error(`src/${name}.wasm.ts is not what assembly/${name}.as gives`);
  }
