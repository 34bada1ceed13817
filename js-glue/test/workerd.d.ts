/** The part of Node that workerd has and the archive reader needs. */
declare module 'node:zlib' {
  export function zstdDecompressSync(bytes: Uint8Array, options?: { maxOutputLength?: number }): Uint8Array;
}
