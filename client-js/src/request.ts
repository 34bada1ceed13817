import { StoreError } from './errors.ts';

/** A message has at most this many bytes of UTF-8. */
export const MESSAGE_BYTES = 1_048_576;

/** Room for the `id` and `n` that a request gets when it is sent. */
const ENVELOPE_BYTES = 64;

/** A request without its id, printed once: it may have to be sent again. */
export interface Printed {
  readonly text: string;
  /** Of UTF-8, at most. */
  readonly bytes: number;
}

/** @param body has one member at least */
export function print(body: Record<string, unknown>): Printed {
  const text = JSON.stringify(body);
  return { text, bytes: bytesOf(text) + ENVELOPE_BYTES };
}

/** The text of a request that is sent as a client's question or write of that number. */
export function textOf({ text }: Printed, id: number, n?: number): string {
  return `{"id":${id},${n === undefined ? '' : `"n":${n},`}${text.slice(1)}`;
}

/**
 * Why a request may not wait for its answer; null when it may.
 *
 * @param kind of requests there are so many of already
 */
export function refusalOf(
  { bytes }: Printed,
  kind: string,
  waiting: number,
  most: number,
): StoreError | null {
  if (bytes > MESSAGE_BYTES) {
    return new StoreError(
      'TOO_LARGE',
      `a request has at most ${MESSAGE_BYTES} bytes, this one has ${bytes}`,
      {
        bytes,
        limit: MESSAGE_BYTES,
      },
    );
  }
  return waiting < most
    ? null
    : new StoreError('QUEUE_FULL', `${most} ${kind} wait for their answer already`, { limit: most });
}

/** Bytes of UTF-8; of a text that cannot be too long as many as it has at most, which needs no copy. */
function bytesOf(text: string): number {
  return text.length * 3 < MESSAGE_BYTES / 4 ? text.length * 3 : new TextEncoder().encode(text).length;
}
