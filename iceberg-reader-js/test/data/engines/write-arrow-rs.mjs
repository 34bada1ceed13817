// Writes the events as arrow-rs does, the writer of the engines that are made in Rust, behind write.py:
//   npm install --no-save parquet-wasm@0.8.0 && node write-arrow-rs.mjs
// What it writes is read from files of pyarrow, with the ids of their columns.

import { readFileSync, writeFileSync } from 'node:fs';
import {
  Compression,
  EnabledStatistics,
  Encoding,
  WriterPropertiesBuilder,
  WriterVersion,
  readParquet,
  writeParquet,
} from 'parquet-wasm';

const at = (name) => new URL(`files/${name}.parquet`, import.meta.url);
const { files: written } = JSON.parse(readFileSync(new URL('cases.json', import.meta.url), 'utf8'));
const files = [];

/** Writes what a file of pyarrow has once more, in a way that a builder is told. */
function write(name, from, set = (builder) => builder, refused = {}) {
  const { types } = written.find((one) => one.name === `pyarrow-${from}`);
  const properties = set(new WriterPropertiesBuilder().setCompression(Compression.ZSTD)).build();
  const bytes = writeParquet(readParquet(readFileSync(at(`pyarrow-${from}`))), properties);
  writeFileSync(at(`arrow-rs-${name}`), bytes);
  files.push({ name: `arrow-rs-${name}`, ...(types && { types }), ...refused });
}

const WHOLE = ['epoch', 'seq', 'version', 'life', 'n', 'batchIndex', 'events', 'ts'];
const encoded = (builder, encoding) =>
  WHOLE.reduce((all, name) => all.setColumnEncoding(name, encoding), builder.setDictionaryEnabled(false));
const smallPages = (builder) => builder.setDataPageSizeLimit(64).setWriteBatchSize(4);

for (const codec of ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD', 'LZ4_RAW']) {
  const name = codec.toLowerCase().replace('_', '-');
  write(`${name}-v1`, 'none-dictionary-v1', (builder) => builder.setCompression(Compression[codec]));
  write(`${name}-v2`, 'none-dictionary-v1', (builder) =>
    builder
      .setCompression(Compression[codec])
      .setWriterVersion(WriterVersion.V2)
      .setDictionaryEnabled(false),
  );
}
write('lz4', 'none-dictionary-v1', (builder) => builder.setCompression(Compression.LZ4), {
  refused: 'column .*LZ4',
  refusedBy: 'emulator',
});
write('brotli', 'none-dictionary-v1', (builder) => builder.setCompression(Compression.BROTLI), {
  refused: 'column ns: .*BROTLI',
});
write('no-statistics', 'pages-v1', (builder) => builder.setStatisticsEnabled(EnabledStatistics.None));
write('small-pages', 'none-dictionary-v1', (builder) =>
  smallPages(builder).setStatisticsEnabled(EnabledStatistics.Page).setDictionaryEnabled(false),
);
write('small-pages-v2', 'none-dictionary-v1', (builder) =>
  smallPages(builder).setWriterVersion(WriterVersion.V2),
);
write('row-groups-of-16', 'pages-v1', (builder) => builder.setMaxRowGroupSize(16));
write('dictionary-given-up', 'pages-v1', (builder) =>
  smallPages(builder).setDictionaryPageSizeLimit(32).setCompression(Compression.SNAPPY),
);
write('delta', 'none-dictionary-v1', (builder) =>
  encoded(builder, Encoding.DELTA_BINARY_PACKED)
    .setColumnEncoding('payload', Encoding.DELTA_BYTE_ARRAY)
    .setColumnEncoding('entityId', Encoding.DELTA_LENGTH_BYTE_ARRAY),
);
write('byte-stream-split', 'pages-v1', (builder) => encoded(builder, Encoding.BYTE_STREAM_SPLIT));
for (const from of ['ms-zone', 'us-zone', 'ns-zone', 'ns-local', 'decimals-bytes', 'large-string', 'no-ids', 'small-integers']) {
  write(from, from);
}
write('unsigned-32', 'unsigned-32', undefined, { refused: 'column seq: .*unsigned' });

const cases = { versions: { 'parquet-wasm': '0.8.0', parquet: '59.3.0' }, files };
writeFileSync(new URL('cases-arrow-rs.json', import.meta.url), `${JSON.stringify(cases, null, 2)}\n`);
