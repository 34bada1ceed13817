import { LATER } from './catalog.js';
import { bound } from './filter.js';
import { readFooter } from './footer.js';
import { checkStored, conversion, isExact } from './types.js';

/** The end of a file that is fetched first; most footers fit. Small files are fetched whole. */
const TAIL_BYTES = 64 << 10;
const SMALL_FILE_BYTES = 256 << 10;

const MAGIC = 0x31524150;
const CODECS = ['UNCOMPRESSED', 'ZSTD', 'SNAPPY', 'GZIP', 'LZ4', 'LZ4_RAW'];

/**
 * The row groups of a file that can have rows the filter wants, each with where its columns are.
 *
 * Only that is kept of the footer, because a table may have many thousand files. The bytes it was
 * found in are given too, as they may be all there are.
 */
export async function openFile(file, objects, table, filter, signal) {
  const tail = await readTail(file, objects, signal);
  try {
    return { tail, groups: describe(tail, file, table, filter) };
  } catch (e) {
    throw new Error(`${file.path}: ${e.message}`, { cause: e });
  }
}

async function readTail({ path, size }, objects, signal) {
  const from = size <= SMALL_FILE_BYTES ? 0 : size - TAIL_BYTES;
  const tail = await objects.read(path, signal, from, size);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  if (view.byteLength < 8 || view.getUint32(view.byteLength - 4, true) !== MAGIC) {
    throw new Error(`${path}: expected a Parquet file, found none by its last bytes`);
  }
  const footer = view.getUint32(view.byteLength - 8, true) + 8;
  if (footer <= tail.length) return tail;
  if (footer > size) throw new Error(`${path}: its footer would be longer than the file`);
  return objects.read(path, signal, size - footer, size);
}

function describe(tail, { path }, table, filter) {
  const { schema, groups } = readFooter(tail);
  const elements = topLevel(schema);
  const named = elements.every((element) => element.id === undefined);
  const columns = [...table.columns].flatMap(([name, column]) => {
    const { id, names } = column;
    const element = elements.find((one) => (named ? names.includes(one.name) : one.id === id));
    if (!element && LATER.includes(name)) return [];
    if (!element) throw new Error(`it has no column ${name} (${id})`);
    checkStored(name, column, element);
    return { name, column, element };
  });
  return groups
    .map((group) => ({ path, rows: group.rows, chunks: chunks(group, columns) }))
    .filter(({ rows, chunks: { ns, seq } }) => rows > 0 && filter.mayWant(ns.bounds, seq.bounds));
}

/** The elements right under the root, of a tree that is given as a list. */
function topLevel(schema) {
  const elements = [];
  let at = 1;
  const skip = () => {
    const { children } = schema[at++];
    for (let i = 0; i < children; i++) skip();
  };
  while (at < schema.length) {
    elements.push(schema[at]);
    skip();
  }
  return elements;
}

function chunks(group, columns) {
  const byName = {};
  for (const { name, column, element } of columns) {
    const chunk = group.columns.find(({ path }) => path.length === 1 && path[0] === element.name);
    if (!chunk) throw new Error(`column ${name} is not in the file`);
    // Where it is null in every row, nothing need be fetched to know.
    if (chunk.nulls === group.rows && LATER.includes(name)) continue;
    byName[name] = describeChunk(name, column, element, chunk);
  }
  return byName;
}

function describeChunk(name, column, element, { codec, start, bytes, plainBytes, lower, upper }) {
  if (!CODECS.includes(codec)) {
    throw new Error(`column ${name}: expected one of the codecs ${CODECS.join(', ')}, found ${codec}`);
  }
  const { type, repetition, width } = element;
  return {
    name,
    type,
    width,
    convert: conversion(column, element),
    exact: isExact(column, element),
    optional: repetition === 'OPTIONAL',
    codec,
    start,
    end: start + bytes,
    plainBytes,
    bounds: { lower: statistic(lower, column, type), upper: statistic(upper, column, type) },
    // Where pages begin, as far as they have been met.
    pages: [{ row: 0, offset: start }],
  };
}

/** A statistic as the filter compares it, copied, or it would keep the whole footer. */
function statistic(bytes, { kind }, type) {
  // Reals are no bounds of the filter's, and a decimal in an integer is as that one is.
  if (type === 'DOUBLE') return undefined;
  return bound(bytes?.slice(), type === 'INT32' || type === 'INT64' ? 'integer' : kind);
}
