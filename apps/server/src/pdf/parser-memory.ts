/** The part of the WebAssembly interface in use; Node's types leave it to the DOM's. */
interface WasmMemory {
  readonly buffer: ArrayBufferLike;
  grow(pageCount: number): number;
}

interface WasmGlobal {
  readonly Memory: { readonly prototype: WasmMemory };
  readonly RuntimeError: new () => Error;
}

const { WebAssembly: wasm } = globalThis as unknown as { readonly WebAssembly: WasmGlobal };
const wasmPageBytes = 65_536;

/** Keeps WebAssembly modules of this thread from growing beyond a size: a module asks for memory through JavaScript. */
export function limitParserMemory(sizeMaxBytes: number): void {
  const grow = wasm.Memory.prototype.grow; // oxlint-disable-line typescript/unbound-method -- called with its memory below
  wasm.Memory.prototype.grow = function growWithin(this: WasmMemory, pageCount: number): number {
    if (this.buffer.byteLength + pageCount * wasmPageBytes > sizeMaxBytes) throw new RangeError("parser memory limit");
    return grow.call(this, pageCount);
  };
}

/** A parser aborts, or its wrapper writes out of bounds, when memory was refused. */
export function isMemoryFailure(error: unknown): boolean {
  return error instanceof wasm.RuntimeError || error instanceof RangeError;
}
