import { CompressionCodecs, FieldRepetitionTypes, ParquetTypes } from 'hyparquet/src/constants.js';
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js';

const utf8 = new TextDecoder();

/**
 * What is wanted of the Parquet footer that some bytes end with; numbers of fields are the format's.
 *
 * hyparquet's own reader converts all that a footer can have, also maps of the earth: 3 KB gzip of
 * the Worker, for nothing.
 */
export function readFooter(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = view.byteLength - 8;
  const footer = deserializeTCompactProtocol({ view, offset: end - view.getUint32(end, true) });
  return { schema: footer.field_2.map(element), groups: footer.field_4.map(group) };
}

function element(fields) {
  return {
    type: ParquetTypes[fields.field_1],
    width: fields.field_2,
    repetition: FieldRepetitionTypes[fields.field_3],
    name: utf8.decode(fields.field_4),
    children: fields.field_5 ?? 0,
    scale: fields.field_7,
    unit: unitOf(fields),
    unsigned: isUnsigned(fields),
    id: fields.field_9,
  };
}

const UNITS = ['MILLIS', 'MICROS', 'NANOS'];
const CONVERTED_UNITS = { 9: 'MILLIS', 10: 'MICROS' };

/** The unit of a column of times; undefined when it has none. */
function unitOf({ field_6: converted, field_10: logical }) {
  const unit = logical?.field_8?.field_2;
  if (unit) return UNITS.find((_, i) => unit[`field_${i + 1}`]);
  return CONVERTED_UNITS[converted];
}

const UNSIGNED = [13, 14];

/** Whether half of its values would read as negative ones; shorter unsigned integers fit all the same. */
function isUnsigned({ field_6: converted, field_10: logical }) {
  const integer = logical?.field_10;
  return integer ? integer.field_2 === false && integer.field_1 >= 32 : UNSIGNED.includes(converted);
}

function group({ field_1: columns, field_3: rows }) {
  // What is encrypted, or in another file, is not in this one.
  const here = columns.filter(({ field_1: file, field_3: meta }) => meta && !file);
  return { rows: Number(rows), columns: here.map(({ field_3: meta }) => column(meta)) };
}

function column(meta) {
  return {
    path: meta.field_3.map((name) => utf8.decode(name)),
    codec: CompressionCodecs[meta.field_4],
    plainBytes: Number(meta.field_6),
    bytes: Number(meta.field_7),
    start: Number(meta.field_11 || meta.field_9),
    nulls: Number(meta.field_12?.field_3 ?? -1),
    upper: meta.field_12?.field_5,
    lower: meta.field_12?.field_6,
  };
}
