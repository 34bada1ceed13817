/** A write that waits for its answer, as it is kept. */
export interface KeptWrite {
  n: number;
  body: Record<string, unknown>;
}

/** What an outbox had kept when it was opened. */
export interface Kept {
  session: string;
  /** By rising `n`. */
  writes: KeptWrite[];
}

/**
 * Keeps the writes that wait for their answer where they outlive the page. Calls take effect in their order;
 * what is being written when a page ends may be lost, and was never acknowledged then.
 */
export interface Outbox {
  /** What an earlier page left; null when nothing waits. */
  open(): Promise<Kept | null>;
  /** From now on writes belong to this session, and these are all there are. */
  begin(session: string, writes: KeptWrite[]): void;
  add(write: KeptWrite): void;
  remove(n: number): void;
  close(): void;
}

const MOST_PAGES = 64;

/**
 * An outbox in IndexedDB. Each page that is open has one of its own, and a new page takes over what a page that has
 * ended left behind: a lock of the browser (`navigator.locks`) says which are in use. Browsers have it on https and localhost;
 * elsewhere the outbox is not opened, which the status has as its `error`, and writes are kept in memory alone.
 */
export function indexedDbOutbox(name: string): Outbox {
  let database: IDBDatabase | null = null;
  let session = '';
  let release = () => {};
  const store = (mode: IDBTransactionMode) => database?.transaction('writes', mode).objectStore('writes');
  return {
    async open() {
      const page = await freePage(name, (unlock) => {
        release = unlock;
      });
      database = await openDatabase(`unified-storage:${name}:${page}`);
      const rows = await asked<(KeptWrite & { session: string })[]>(
        (store('readonly') as IDBObjectStore).getAll() as IDBRequest,
      );
      return rows.length === 0 ? null : { session: rows[0].session, writes: rows };
    },
    begin(name, writes) {
      session = name;
      const all = store('readwrite');
      all?.clear();
      for (const write of writes) all?.put({ ...write, session });
    },
    add(write) {
      store('readwrite')?.put({ ...write, session });
    },
    remove(n) {
      store('readwrite')?.delete(n);
    },
    close() {
      database?.close();
      database = null;
      release();
    },
  };
}

/** The first page number that no other page holds; held until it is released. */
async function freePage(name: string, held: (release: () => void) => void): Promise<number> {
  if (globalThis.navigator?.locks === undefined) {
    // What is no browser has no such member, and no second page.
    if (globalThis.isSecureContext === undefined) return 0;
    throw new Error(
      'two pages would overwrite what each other keeps, without navigator.locks; browsers have it on https and ' +
        'localhost: serve the page from there, or connect without an outbox',
    );
  }
  for (let page = 0; page < MOST_PAGES; page++) {
    const free = await new Promise<boolean>((resolve) => {
      void navigator.locks.request(`unified-storage:${name}:${page}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock === null ? undefined : new Promise<void>((release) => held(release));
      });
    });
    if (free) return page;
  }
  throw new Error(`more than ${MOST_PAGES} pages hold an outbox named ${name}`);
}

function openDatabase(name: string): Promise<IDBDatabase> {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('writes', { keyPath: 'n' });
  return asked(opening);
}

function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
