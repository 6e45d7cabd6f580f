import { decodeBase64 } from "./base64.ts";

/** A kernel's functions; addresses and sizes go in, sizes and counts come out. */
export type KernelFunction = (...addressesAndSizes: number[]) => number;

/**
 * Makes a kernel of its compiled bytes, with memory of its own; null where nothing may be compiled, as in a page with a
 * strict policy.
 */
export function openKernel<Name extends string>(
  wasm: string,
  memoryBytes: { readonly initial: number; readonly maximum: number },
): { memory: WebAssembly.Memory; exports: Readonly<Record<Name, KernelFunction>> } | null {
  try {
    const pages = { initial: memoryBytes.initial / pageSizeBytes, maximum: memoryBytes.maximum / pageSizeBytes };
    const memory = new WebAssembly.Memory(pages);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(decodeBase64(wasm)), { env: { memory } });
    return { memory, exports: exports as Readonly<Record<Name, KernelFunction>> };
  } catch {
    return null;
  }
}

/** Of the memory of a kernel. */
export const pageSizeBytes = 65536;
