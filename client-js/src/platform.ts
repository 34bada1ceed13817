import { StoreError } from './errors.ts';

/** How long a ticket, a handshake with its greeting, or an answer to a ping may take at most. */
export const PATIENCE_MS = 10_000;

/** The part of a WebSocket that a connection uses. */
export interface Socket {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: unknown) => void) | null;
}

/** What the client needs of the world around it; a test gives its own. */
export interface Platform {
  open(url: string): Socket;
  /** A ticket that opens one socket at a store's address; rejects with why there is none. */
  ticket(url: string, token: string): Promise<string>;
  now(): number;
  /** Calls once after that many milliseconds; the answer calls it off. */
  after(ms: number, run: () => void): () => void;
  /** 0 to 1. */
  random(): number;
  /** A secret that cannot be guessed: the id of a session. */
  secret(): string;
}

export const hostPlatform: Platform = {
  open: (url) => new WebSocket(url) as unknown as Socket,
  async ticket(url, token) {
    const [, base, namespace] = /^ws(.*)\/stores\/([^/?]+)/.exec(url) ?? [];
    const response = await fetch(`http${base}/tickets?namespace=${namespace}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const answer = await response.json();
    if (!response.ok) throw new StoreError('FORBIDDEN', answer.error.message);
    return answer.ticket;
  },
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
  secret: () => crypto.randomUUID(),
};
