import { connect, type Store, StoreError } from '../../client-js/src/index.ts';

/** A store's figures, as `GET /stores/{namespace}/stats` tells them; what a release does not know is absent. */
export interface Stats {
  entries: number;
  entriesInMemory: number;
  dirty: number;
  estimatedBytes: number;
  phase: string;
  failure?: string;
  durability: string;
  tailRecoverable: boolean;
  epoch: number;
  appliedSeq: number;
  durableSeq: number;
  checkpointSeq: number;
  rowsWritten: number;
  requests?: number;
  errors?: Record<string, number>;
  slowest?: Slow[];
  types?: Record<string, number>;
  cost: {
    naiveRowsWritten: number;
    alarms: number;
    pipelineBytes: number;
    dollars: number;
    naiveDollars: number;
  };
  checkpoints: {
    count: number;
    lastTrigger: string | null;
    lastDurationMs: number;
    columnarWrites: number;
    packedWrites: number;
    normalizedWrites: number;
    lastError: string | null;
  };
  pipeline: {
    status: string;
    queued: number;
    sent: number;
    retries: number;
    deadLettered: number;
    lastError: string | null;
  };
  archive?: { lastSeq?: number; lagMs?: number; holes?: number };
  recovery: Record<string, unknown> | null;
  bootId: string;
  [more: string]: unknown;
}

/** One of the slowest requests of the last minutes. */
export interface Slow {
  type: string;
  $type?: string;
  sub?: string;
  code?: string;
  ms: number;
  atMs: number;
  chars: number;
  replyChars: number;
}

export interface Version {
  verb: string;
  epoch: number;
  seq: number;
  ts: number;
  $version: number;
  thing: Record<string, unknown> | null;
}

const TOKEN = 'unified-storage-token';

/** The token that the page was given; it lives as long as the tab. */
export const token = {
  get: () => sessionStorage.getItem(TOKEN) ?? undefined,
  set(value: string) {
    if (value === '') sessionStorage.removeItem(TOKEN);
    else sessionStorage.setItem(TOKEN, value);
  },
};

/** Where the stores are: the page lies beside them. */
const base = location.pathname.replace(/\/(inspector\/?)?(index\.html)?$/, '');

export async function http(method: string, path: string, body?: BodyInit): Promise<Response> {
  const bearer = token.get();
  const response = await fetch(`${base}${path}`, {
    method,
    ...(body !== undefined && { body }),
    headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
  });
  if (response.ok) return response;
  const text = await response.text();
  let error: { code?: string; message?: string } = {};
  try {
    error = JSON.parse(text).error ?? {};
  } catch {
    // Something between the page and the store answered.
  }
  throw new StoreError(error.code ?? String(response.status), error.message ?? text.slice(0, 200), {
    status: response.status,
  });
}

export async function json<T>(method: string, path: string, body?: unknown): Promise<T> {
  return (await http(method, path, body === undefined ? undefined : JSON.stringify(body))).json();
}

export const storePath = (ns: string, rest = '') => `/stores/${encodeURIComponent(ns)}${rest}`;

export const stats = (ns: string) => json<Stats>('GET', storePath(ns, '/stats'));

/** Of a histogram in the metrics: how many took at most so many ms, and longer than the bound before. */
export async function histograms(ns: string, names: string[]): Promise<[bound: number, count: number][][]> {
  const text = await (await http('GET', storePath(ns, '/metrics'))).text();
  return names.map((name) => {
    const bucket = new RegExp(`^unified_storage_${name}_bucket\\{.*?le="([^"]+)"\\} (\\S+)$`, 'gm');
    const sums = [...text.matchAll(bucket)].map(([, bound, sum]) => [bound, Number(sum)] as const);
    return sums.map(([bound, sum], i) => [
      bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound),
      sum - (sums[i - 1]?.[1] ?? 0),
    ]);
  });
}

export type AnyStore = Store<Record<string, Record<string, unknown>>>;

/** A browser sends no token with a socket's request: a ticket is asked for with it, and opens one socket. */
export function open(ns: string): AnyStore {
  const socket = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${base}${storePath(ns)}`;
  if (token.get() === undefined) return connect({ url: socket });
  const url = async () => {
    const asked = `/tickets?namespace=${encodeURIComponent(ns)}`;
    const { ticket } = await json<{ ticket: string }>('POST', asked);
    return `${socket}?ticket=${encodeURIComponent(ticket)}`;
  };
  return connect({ url });
}

/** What an error says, with its code. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
