// What the door uses of WebAssembly, which the types of Node name but do not describe.
declare namespace WebAssembly {
  class Module { constructor(bytes: Uint8Array); }
  class Memory { constructor(size: { initial: number; maximum: number }); readonly buffer: ArrayBuffer; }
  class Instance { constructor(module: Module, imports: { env: { memory: Memory } }); readonly exports: unknown; }
}
