import { ahead } from './ahead.js';
import { avroRecords } from './avro.js';
import { bound } from './filter.js';

const DATA = 0;
const DELETED = 2;
const MANIFESTS_AHEAD = 2;

/** How long a partition by a transform of time is. */
const PART_MS = { day: 86_400_000, hour: 3_600_000 };
const MICROSECOND = 0.001;

/**
 * The data files of the snapshot that can have rows the filter wants, in the order they were
 * committed: that is nearly the order in which their events happened.
 */
export async function dataFiles(table, objects, filter, signal) {
  if (!table.manifestList) return [];
  const manifests = [];
  const list = await objects.read(table.manifestList, signal);
  for (const manifest of avroRecords(list, table.manifestList)) {
    // None of its files is newer than itself.
    const newest = manifest.sequence_number ?? 0;
    if (hasFiles(manifest) && filter.mayWantCommit(newest) && mayWantPartitions(manifest, table, filter)) {
      manifests.push(manifest);
    }
  }
  const files = [];
  const read = async (manifest) => {
    const path = manifest.manifest_path;
    return { manifest, bytes: await objects.read(path, signal) };
  };
  for await (const { manifest, bytes } of ahead(manifests, MANIFESTS_AHEAD, read)) {
    for (const entry of avroRecords(bytes, manifest.manifest_path)) {
      const file = entry.status === DELETED ? null : wanted(entry, manifest, table, filter);
      if (file) files.push(file);
    }
  }
  return files.sort((a, b) => a.order - b.order || (a.path < b.path ? -1 : 1));
}

function hasFiles(manifest) {
  const added = manifest.added_files_count ?? manifest.added_data_files_count;
  const existing = manifest.existing_files_count ?? manifest.existing_data_files_count;
  return added !== 0 || existing !== 0;
}

/**
 * Whether the partitions of a manifest can hold rows; only a partition by ns or seq itself tells, or one
 * by when the rows came.
 */
function mayWantPartitions(manifest, table, filter) {
  const fields = table.specs.get(manifest.partition_spec_id) ?? [];
  const bounds = (name) => {
    const { id, kind } = table.columns.get(name);
    const at = fields.findIndex((field) => field['source-id'] === id && field.transform === 'identity');
    const summary = manifest.partitions?.[at];
    return { lower: bound(summary?.lower_bound, kind), upper: bound(summary?.upper_bound, kind) };
  };
  return (
    filter.mayWant(bounds('ns'), bounds('seq')) && filter.mayWantTime(cameUntil(manifest, fields, table))
  );
}

/** The last moment of the partitions of a manifest, undefined where they are not by day or hour. */
function cameUntil(manifest, fields, { ingest }) {
  const at = fields.findIndex((field) => field['source-id'] === ingest?.id && PART_MS[field.transform]);
  const upper = bound(manifest.partitions?.[at]?.upper_bound, 'integer');
  return upper === undefined ? undefined : (Number(upper) + 1) * PART_MS[fields[at].transform] - MICROSECOND;
}

function wanted({ sequence_number, data_file: file }, manifest, table, filter) {
  const path = file.file_path;
  // An entry inherits the number of the commit that added its manifest.
  const order = sequence_number ?? manifest.sequence_number ?? 0;
  if (!filter.mayWantCommit(order)) return null;
  if ((file.content ?? DATA) !== DATA || (manifest.content ?? DATA) !== DATA) {
    throw new Error(`${path} is a delete file, which this reader does not apply`);
  }
  const bounds = (name) => {
    const { id, kind } = table.columns.get(name);
    return {
      lower: bound(valueAt(file.lower_bounds, id), kind),
      upper: bound(valueAt(file.upper_bounds, id), kind),
    };
  };
  if (!filter.mayWant(bounds('ns'), bounds('seq'))) return null;
  const { ingest } = table;
  const came = ingest && bound(valueAt(file.upper_bounds, ingest.id), 'integer');
  if (came !== undefined && !filter.mayWantTime(Number(came) / ingest.perMs)) return null;
  if (String(file.file_format).toUpperCase() !== 'PARQUET') {
    throw new Error(`${path}: expected a Parquet file, found ${file.file_format}`);
  }
  return { path, size: file.file_size_in_bytes, order };
}

/** Maps with numbers for keys are lists of pairs in Avro. */
function valueAt(pairs, id) {
  return pairs?.find(({ key }) => key === id)?.value;
}
