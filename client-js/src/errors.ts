/**
 * A refusal, as a value of its own kind: `code` says which, `details` what a program needs to react.
 *
 * Codes are the store's (`CONFLICT`, `NOT_FOUND`, …; see the reference) and three of the client:
 * `CLOSED` (the client was closed before an answer came; whether the write was carried out is not known),
 * `QUEUE_FULL` (more is waiting than `maxPending`; nothing was sent) and `TOO_LARGE` (a request is
 * larger than a message may be; nothing was sent).
 */
export class StoreError extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, details: Record<string, unknown> = {}) {
    super(`${code}: ${message}`);
    this.name = 'StoreError';
    this.code = code;
    this.details = details;
  }
}

/** The error that a reply tells of. */
export function errorOf(reply: {
  code?: string;
  error?: string;
  details?: Record<string, unknown>;
}): StoreError {
  return new StoreError(reply.code ?? 'INTERNAL_ERROR', reply.error ?? 'no reason given', reply.details);
}

/** How long to wait where a refusal that will pass does not say it. */
const RETRY_MS = 100;

/** The pause that a refusal asks for before its request is sent again. */
export function pauseOf(reply: { details?: Record<string, unknown> }): number {
  return (reply.details?.retryAfterMs as number | undefined) ?? RETRY_MS;
}
