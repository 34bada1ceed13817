/** The part of Node that workerd has and the archive reader needs. */
declare module 'node:zlib' {
  type Bounds = { maxOutputLength?: number };
  export function gunzipSync(bytes: Uint8Array, options?: Bounds): Uint8Array;
  export function inflateRawSync(bytes: Uint8Array, options?: Bounds): Uint8Array;
  export function zstdDecompressSync(bytes: Uint8Array, options?: Bounds): Uint8Array;
}

/** The part of Cloudflare's vitest integration that `@unified-storage/worker/vitest` calls. */
declare module 'cloudflare:test' {
  type Stub = Pick<DurableObjectStub, 'id' | 'name' | 'fetch'>;
  export function runInDurableObject<Result>(
    stub: Stub,
    callback: (object: object, state: DurableObjectState) => Result | Promise<Result>,
  ): Promise<Result>;
  export function runDurableObjectAlarm(stub: Stub): Promise<boolean>;
  export function evictDurableObject(stub: Stub): Promise<void>;
  export function reset(): Promise<void>;
}
