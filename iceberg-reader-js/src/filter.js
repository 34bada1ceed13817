import { bigEndian } from './types.js';

const text = new TextEncoder();

/** Which rows a read wants, as far as bounds of many rows can tell. */
export class Filter {
  #ns;
  #afterSeq;
  #untilSeq;
  #sinceMs;

  constructor(namespace, afterSeq, untilSeq, sinceMs = 0) {
    this.#ns = text.encode(namespace);
    this.#afterSeq = afterSeq;
    this.#untilSeq = untilSeq;
    this.#sinceMs = sinceMs;
  }

  /** Whether a row is wanted that came into the table at a moment, undefined where unknown. */
  mayWantTime(ms = Infinity) {
    return ms >= this.#sinceMs;
  }

  /** Whether rows are wanted that the commit of that number brought. */
  mayWantCommit() {
    return true;
  }

  /** Whether a row with this seq is wanted: a fence, with seq 0, always is. */
  wants(seq) {
    return seq === 0 || (seq > this.#afterSeq && seq <= this.#untilSeq);
  }

  /**
   * Whether there can be a wanted row between bounds. They are bytes of UTF-8 for `ns` and numbers
   * for `seq`, may be wider than the rows, and undefined where unknown.
   */
  mayWant(ns, seq) {
    return (
      !(ns.lower && compare(this.#ns, ns.lower) < 0) &&
      !(ns.upper && compare(this.#ns, ns.upper) > 0) &&
      this.#mayWantSeq(seq.lower ?? -Infinity, seq.upper ?? Infinity)
    );
  }

  #mayWantSeq(lower, upper) {
    return (lower <= 0 && upper >= 0) || (upper > this.#afterSeq && lower <= this.#untilSeq);
  }
}

/** Wants every namespace's rows that came behind a commit, and into the table since a moment. */
export class Newer {
  #after;
  #sinceMs;

  constructor(after, sinceMs) {
    this.#after = after;
    this.#sinceMs = sinceMs;
  }

  mayWantCommit(number) {
    return number > this.#after;
  }

  mayWantTime(ms = Infinity) {
    return ms >= this.#sinceMs;
  }

  mayWant() {
    return true;
  }
}

/**
 * A bound as Iceberg's manifests have it, undefined where it says nothing: text stays bytes.
 *
 * @param {Uint8Array | undefined | null} bytes
 * @param {string} kind as the column is read
 */
export function bound(bytes, kind) {
  if (!bytes || kind === 'text') return bytes ?? undefined;
  if (kind === 'decimal') return bytes.length > 0 ? bigEndian(bytes) : undefined;
  if (kind !== 'integer') return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // A column that was widened keeps its old, shorter bounds.
  if (view.byteLength === 4) return view.getInt32(0, true);
  return view.byteLength === 8 ? Number(view.getBigInt64(0, true)) : undefined;
}

function compare(a, b) {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return a[i] - b[i];
  }
  return a.length - b.length;
}
