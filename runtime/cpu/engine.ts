/** WebAssembly as far as the CPU target uses it: every host of this runtime has it, not every set of types does. */

export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
}

/** Opaque; may be posted to another thread. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: string;
}

interface WasmInstance {
  readonly exports: Readonly<Record<string, (...numbers: number[]) => void>>;
}

interface Engine {
  validate(bytes: Uint8Array): boolean;
  compile(bytes: Uint8Array): Promise<WasmModule>;
  instantiate(module: WasmModule, imports: { env: { memory: WasmMemory } }): Promise<WasmInstance>;
  Memory: new (size: { initial: number; maximum: number; shared: boolean }) => WasmMemory;
}

export const engine = (): Engine => (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;
