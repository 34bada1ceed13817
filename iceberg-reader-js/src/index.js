import { loadTable } from './catalog.js';
import { Filter } from './filter.js';
import { dataFiles } from './manifests.js';
import { Scan } from './scan.js';
import { settingsFrom } from './settings.js';
import { survey } from './survey.js';

export { settingsFrom };

/**
 * The bytes of events that are in memory at a time, about. With more, what was handed out has grown
 * old before it is garbage, and the engine is in no hurry to collect that.
 */
const WINDOW_BYTES = 2 << 20;

/** The archive that the Worker's variables name; undefined when they name none. */
export function icebergFrom(env) {
  const settings = settingsFrom(env);
  return settings && new ArchiveReader(settings);
}

/**
 * Reads the Iceberg table that the Pipeline's sink fills: the catalog names the snapshot, its
 * manifests the files, and of those only the columns, and the parts of them, that can matter.
 */
export class ArchiveReader {
  #settings;
  #windowBytes;

  constructor(settings, { windowBytes = WINDOW_BYTES } = {}) {
    this.#settings = settings;
    this.#windowBytes = windowBytes;
  }

  /** Tells where the events of all namespaces are that came behind a commit; see index.d.ts. */
  survey(asked) {
    return survey(this.#settings, asked);
  }

  /** Gives the namespace's events as arrays of rows; see index.d.ts. */
  async *read({ afterSeq = 0, untilSeq = Infinity, sinceMs = 0, signal, ...asked }) {
    // Whatever was begun ahead ends with the read, however it ends.
    const ended = new AbortController();
    const any = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal;
    try {
      const table = await loadTable(this.#settings, any);
      const { objects } = this.#settings;
      const filter = new Filter(asked.namespace, afterSeq, untilSeq, sinceMs);
      const files = await dataFiles(table, objects, filter, any);
      const query = { ...asked, signal: any };
      const scan = new Scan({ files, objects, table, filter, query, most: this.#windowBytes });
      yield* scan.batches();
    } finally {
      ended.abort();
    }
  }
}
