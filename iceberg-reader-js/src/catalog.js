import { Refusal, get } from './retry.js';
import { COLUMNS, perMsOf, readAs } from './types.js';

/** The newest format whose manifests and files read as those of version 2 do. */
const NEWEST_FORMAT = 3;

/** The sink's own mark on a table that lacks records it will never get. */
const MISSING = 'unified-storage.sink.missing-offsets';

/** What files of the table will be compressed with: said at the start, not when they have to be read. */
const CODEC = 'write.parquet.compression-codec';
const READ_CODECS = ['uncompressed', 'none', 'snappy', 'gzip', 'zstd', 'lz4', 'lz4_raw'];

/** How columns are called in files that have no ids for them. */
const NAMES = 'schema.name-mapping.default';

const INGEST = '__ingest_ts';

/** Those that tables from before do not have: they are null there. */
export const LATER = ['life', 'session', 'n', 'batchIndex', 'sub', 'events'];

/** Asks the catalog for the table as it is now: one snapshot of it, and how to read it. */
export async function loadTable(settings, signal) {
  const name = [...settings.levels, settings.tableName].join('.');
  const metadata = await fetchMetadata(settings, name, signal);
  const version = metadata['format-version'];
  if (!(version <= NEWEST_FORMAT)) {
    throw new Error(`the table ${name} has the Iceberg format ${version}; expected at most ${NEWEST_FORMAT}`);
  }
  const codec = metadata.properties?.[CODEC];
  if (codec !== undefined && !READ_CODECS.includes(codec.toLowerCase())) {
    throw new Error(
      `the table ${name} is compressed with ${codec}; expected one of ${READ_CODECS.join(', ')}`,
    );
  }
  const missing = metadata.properties?.[MISSING];
  if (missing !== undefined) {
    throw new Error(
      `the log's offsets ${missing} never came into the table ${name}, so what it lacks is unknown`,
    );
  }
  return {
    manifestList: manifestList(metadata, name),
    lastCommit: metadata['last-sequence-number'] ?? 0,
    columns: columns(metadata, name),
    ingest: ingest(metadata, name),
    specs: new Map(metadata['partition-specs']?.map((spec) => [spec['spec-id'], spec.fields])),
  };
}

async function fetchMetadata({ catalogUrl, token, warehouse, levels, tableName }, name, signal) {
  const take = async (response) => JSON.parse(await response.text(), exactly);
  const query = warehouse ? `?warehouse=${encodeURIComponent(warehouse)}` : '';
  const config = await get(`${catalogUrl}/v1/config${query}`, { token, signal, take });
  const prefix = config.overrides?.prefix ?? config.defaults?.prefix;
  const path = [
    ...(prefix ? [prefix] : []),
    'namespaces',
    levels.map(encodeURIComponent).join('%1F'),
    'tables',
    encodeURIComponent(tableName),
  ].join('/');
  try {
    const answer = await get(`${catalogUrl}/v1/${path}?snapshots=refs`, { token, signal, take });
    return answer.metadata;
  } catch (e) {
    if (e.status !== 404) throw e;
    throw new Refusal(`the catalog has no table ${name}: ${e.message}`, { cause: e });
  }
}

/** Keeps the ids of snapshots as text: they exceed 2^53, and two may round to the same number. */
function exactly(key, value, context) {
  return key.endsWith('snapshot-id') && typeof value === 'number' ? (context?.source ?? value) : value;
}

/** Where the current snapshot's list of manifests is; null when the table has no snapshot. */
function manifestList(metadata, name) {
  const id = metadata['current-snapshot-id'] ?? null;
  if (id === null || String(id) === '-1') return null;
  const snapshot = metadata.snapshots?.find((one) => one['snapshot-id'] === id);
  if (!snapshot?.['manifest-list']) {
    throw new Error(`the table ${name} has a snapshot ${id} without a manifest list`);
  }
  return snapshot['manifest-list'];
}

function schemaOf(metadata) {
  const id = metadata['current-schema-id'];
  return metadata.schemas?.find((one) => one['schema-id'] === id) ?? metadata.schema;
}

/** The column that says when a row came, for its bounds alone; undefined in a table without it. */
function ingest(metadata, name) {
  const field = schemaOf(metadata)?.fields.find((one) => one.name === INGEST);
  return field && { id: field.id, perMs: ofTable(name, () => perMsOf(INGEST, field.type)) };
}

/** Reads a type; what is wrong with it says of which table. */
function ofTable(name, read) {
  try {
    return read();
  } catch (e) {
    throw new Error(`the table ${name}: ${e.message}`, { cause: e });
  }
}

/** The columns by name: their ids, what else files may call them, and how they are read. */
function columns(metadata, name) {
  const schema = schemaOf(metadata);
  const mapping = metadata.properties?.[NAMES] && JSON.parse(metadata.properties[NAMES]);
  const byName = new Map();
  for (const column of COLUMNS) {
    const field = schema?.fields.find((one) => one.name === column);
    if (!field && LATER.includes(column)) continue;
    if (!field) throw new Error(`the table ${name} has no column ${column}`);
    // Files from before the column have the default, which no sink of events has ever set.
    if ((field['initial-default'] ?? null) !== null) {
      throw new Error(`the table ${name}: column ${column}: expected no default, found one`);
    }
    // What a mapping leaves out is absent from such files: another column may have its name there.
    const names = mapping ? (mapping.find((one) => one['field-id'] === field.id)?.names ?? []) : [column];
    byName.set(column, { id: field.id, names, ...ofTable(name, () => readAs(column, field.type)) });
  }
  return byName;
}
