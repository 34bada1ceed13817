/** The part of Node that workerd has and the archive reader needs. */
declare module 'node:zlib' {
  type Bounds = { maxOutputLength?: number };
  export function gunzipSync(bytes: Uint8Array, options?: Bounds): Uint8Array;
  export function inflateRawSync(bytes: Uint8Array, options?: Bounds): Uint8Array;
  export function zstdDecompressSync(bytes: Uint8Array, options?: Bounds): Uint8Array;
}
