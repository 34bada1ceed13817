/**
 * What the columns of the table hold, and how the types that a table may have for them are read.
 *
 * A type that is not foreseen is an error that names it: read as something else it would compare to nothing, and a table
 * full of events would look empty.
 */
const MEANT = {
  ns: text,
  epoch: whole,
  seq: whole,
  life: whole,
  verb: text,
  entityId: text,
  entityType: text,
  version: whole,
  ts: time,
  payload: text,
  session: text,
  n: whole,
  batchIndex: whole,
  sub: text,
  events: whole,
};

const EXPECTED = new Map([
  [text, 'string'],
  [whole, 'an integer or a decimal of scale 0'],
  [time, 'a time'],
]);

const INTEGERS = ['int', 'long'];
const TIMES = { timestamp: 'MICROS', timestamptz: 'MICROS', timestamp_ns: 'NANOS', timestamptz_ns: 'NANOS' };
const PER_MS = { MILLIS: 1, MICROS: 1e3, NANOS: 1e6 };
const ZERO_SCALE = /^decimal\(\s*\d+\s*,\s*0\s*\)$/;

const MOST = 2 ** 53;

/** Parquet's own types that values of a kind are stored as. */
const STORED = {
  text: ['BYTE_ARRAY'],
  // A DOUBLE has whole numbers up to 2^53, which is what an event's are.
  integer: ['INT32', 'INT64', 'DOUBLE'],
  decimal: ['INT32', 'INT64', 'FIXED_LEN_BYTE_ARRAY', 'BYTE_ARRAY'],
  time: ['INT64'],
};

/** Every column that is read, by name. */
export const COLUMNS = Object.keys(MEANT);

/**
 * How a column of the table is read.
 *
 * @param {string} name
 * @param {unknown} type as Iceberg has it
 * @returns {{ kind: 'text' | 'integer' | 'decimal' | 'time', unit?: string }}
 */
export function readAs(name, type) {
  const found = typeof type === 'string' ? MEANT[name](type) : null;
  if (found) return found;
  const expected = EXPECTED.get(MEANT[name]);
  const shown = typeof type === 'string' ? type : JSON.stringify(type);
  throw new Error(`column ${name}: expected the type ${expected}, found ${shown}`);
}

/** How many of the units of a column of times are a millisecond. */
export function perMsOf(name, type) {
  if (Object.hasOwn(TIMES, type)) return PER_MS[TIMES[type]];
  throw new Error(`column ${name}: expected the type a time, found ${JSON.stringify(type)}`);
}

function text(type) {
  return type === 'string' ? { kind: 'text' } : null;
}

function whole(type) {
  if (INTEGERS.includes(type)) return { kind: 'integer' };
  return ZERO_SCALE.test(type) ? { kind: 'decimal' } : null;
}

/** Milliseconds as a number, or a type of times with its unit. */
function time(type) {
  return Object.hasOwn(TIMES, type) ? { kind: 'time', unit: TIMES[type] } : whole(type);
}

/** Whether a file has the values of a column in a form that can be read as the table says. */
export function checkStored(name, { kind }, { type, repetition, children, unit, unsigned, scale = 0 }) {
  if (children) throw new Error(`column ${name}: expected plain values, found a group`);
  if (repetition === 'REPEATED') throw new Error(`column ${name}: expected plain values, found lists`);
  if (!STORED[kind].includes(type)) {
    throw new Error(`column ${name}: expected ${STORED[kind].join(' or ')} in the file, found ${type}`);
  }
  if (scale !== 0) throw new Error(`column ${name}: expected a decimal of scale 0, found scale ${scale}`);
  if (unsigned) throw new Error(`column ${name}: expected signed integers in the file, found unsigned ones`);
  if (unit && MEANT[name] !== time) throw new Error(`column ${name}: expected no times, found a time`);
}

/**
 * What turns a stored value into what an event has; undefined where a stored number or text is that already.
 *
 * @param {{ kind: string, unit?: string }} column
 * @param {{ type?: string, unit?: string }} element the file's column; its unit is what was written
 */
export function conversion({ kind, unit }, element) {
  if (element.type === 'DOUBLE') return wholeNumber;
  if (kind === 'decimal') return (value) => (typeof value === 'object' ? bigEndian(value) : Number(value));
  const perMs = PER_MS[element.unit ?? unit ?? 'MILLIS'];
  if (isExact({ unit }, element)) return (value) => Number(floor(value, BigInt(perMs)));
  return perMs === 1 ? undefined : (value) => Math.floor(Number(value) / perMs);
}

/** A real that is a number of an event's: any other would be rounded, or compare to nothing. */
function wholeNumber(value) {
  if (Number.isInteger(value) && Math.abs(value) <= MOST) return value;
  throw new Error(`expected whole numbers within ±2^53, found ${value}`);
}

/** Whether its values are wanted as BigInt: nanoseconds of today as a number may round to another millisecond. */
export function isExact({ unit }, element) {
  return (element.unit ?? unit) === 'NANOS';
}

/** @param {bigint} value @param {bigint} divisor */
function floor(value, divisor) {
  return value / divisor - (value % divisor < 0n ? 1n : 0n);
}

/** A whole number in two's complement, the highest byte first; beyond 2^53 it is rounded. */
export function bigEndian(bytes) {
  let value = bytes.length > 0 && bytes[0] >= 128 ? -1 : 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}
