import { ahead } from './ahead.js';
import { bytesOf, free } from './bytes.js';
import { loadTable } from './catalog.js';
import { Column, Room } from './column.js';
import { Newer } from './filter.js';
import { dataFiles } from './manifests.js';
import { openFile } from './parquet.js';
import { FILES_AHEAD, POSITION, STRIPE_ROWS, partsOf } from './scan.js';

/**
 * Calls `row` with the position of every row, of whatever namespace, that came behind a commit: the
 * files of later ones are read, once each, and of those the columns that say where an event is.
 *
 * @returns the number of the commit up to which that was
 */
export async function survey(settings, { after, sinceMs = 0, row, signal = new AbortController().signal }) {
  const table = await loadTable(settings, signal);
  const { objects } = settings;
  const filter = new Newer(after, sinceMs);
  const files = table.lastCommit > after ? await dataFiles(table, objects, filter, signal) : [];
  const open = async (file) => ({ file, ...(await openFile(file, objects, table, filter, signal)) });
  for await (const { file, tail, groups } of ahead(files, FILES_AHEAD, open)) {
    const read = partsOf(file, tail, objects, signal);
    for (const group of groups) await visit(group, read, row);
    free(tail);
  }
  return table.lastCommit;
}

async function visit(group, read, row) {
  const chunks = POSITION.flatMap((name) => group.chunks[name] ?? []);
  const parts = bytesOf(chunks, read);
  const rooms = chunks.map(() => new Room());
  const columns = new Map(
    chunks.map((chunk, i) => [chunk.name, new Column(chunk, parts.get(chunk), rooms[i])]),
  );
  for (let from = 0; from < group.rows; from += STRIPE_ROWS) {
    const rows = Array.from({ length: Math.min(STRIPE_ROWS, group.rows - from) }, (_, i) => from + i);
    const [ns, epoch, seq, life, events] = await Promise.all(
      POSITION.map((name) => columns.get(name)?.read(rows) ?? []),
    );
    rows.forEach((_, i) => row(ns[i], epoch[i], life[i] ?? 0, seq[i], events[i] ?? 0));
  }
  rooms.forEach((room) => room.end());
  parts.forEach((part) => part.end());
}
