"""Writes what the archive's readers are held against: the same events as files and tables of several engines, with odd settings.

    pip install pyarrow==25.0.1 duckdb==1.5.6 polars==1.44.2 fastparquet==2026.9.0 'pyiceberg[sql-sqlite,pyiceberg-core]'
    python write.py [folder, this one when absent]

PyIceberg was its main branch at 30730987, which calls itself 0.12.0. The tables of Iceberg Java are written by
ForeignTables in the emulator's tests, from the events.json that this writes. What was written last is in the repository:
names of files are random, so each run changes them all.

events.json has the events, cases.json for each file the types that a table has for its columns, and for what cannot be
read a text that the error has to have.
"""

import json
import shutil
import sys
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

import duckdb
import fastparquet
import pandas
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pyiceberg
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import DayTransform, IdentityTransform
from pyiceberg.types import IntegerType, LongType, NestedField, StringType, TimestamptzType

HERE = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent).resolve()
FILES = HERE / "files"
TABLES = HERE / "tables"
BASE_MS = 1_769_860_800_000
DAY_MS = 86_400_000

NAMES = [
    "ns", "epoch", "seq", "verb", "entityId", "entityType", "version", "ts", "payload",
    "life", "session", "n", "batchIndex", "sub", "events",
]  # fmt: skip
LATER = ["life", "session", "n", "batchIndex", "sub", "events"]
WHOLE = ["epoch", "seq", "version", "life", "n", "batchIndex", "events"]
TEXTS = ["ns", "verb", "entityId", "entityType", "payload", "session", "sub"]
REQUIRED = ["ns", "epoch", "seq", "verb", "ts", "payload"]
IDS = {name: at + 1 for at, name in enumerate(NAMES)}


def event(ns, epoch, seq, **more):
    """An event, with everything that an event may lack on some of them."""
    thing = f"thing-{seq % 5}"
    row = {
        "ns": ns, "epoch": epoch, "seq": seq, "verb": "thing.updated", "entityId": thing, "entityType": "Thing",
        "version": seq, "ts": BASE_MS + 1009 * seq + epoch, "payload": json.dumps({"$id": thing, "text": "Zoë " + "x" * (seq % 9)}, ensure_ascii=False),
        "life": None, "session": None, "n": None, "batchIndex": None, "sub": None, "events": None,
    }  # fmt: skip
    row.update(more)
    return row


def fence(ns, epoch, life):
    return event(ns, epoch, 0, verb="store.fence", entityId=None, entityType=None, version=None, payload="{}", life=life)


def events():
    """Two lives of one namespace, and what stands between its rows; in no order."""
    one, two = 4_503_599_627_370_497, 9_007_199_254_740_991
    rows = [fence("a", 1, one), fence("a", 2, two), fence("b", 1, 7), fence("aa", 1, 8)]
    rows += [event("a", 1, seq, life=one) for seq in range(1, 15)]
    rows += [event("a", 1, 15, life=one, session="s", n=3, batchIndex=1, sub="zoë")]
    rows += [event("a", 2, 16, verb="store.events", entityId=None, entityType=None, version=None, life=two, events=3)]
    rows += [event("a", 2, seq, life=two) for seq in range(19, 27)]
    rows += [event("b", 1, seq, life=7) for seq in range(1, 7)]
    rows += [event("aa", 1, seq) for seq in range(1, 4)]
    return sorted(rows, key=lambda row: (row["seq"] * 7 % 11, row["ns"], row["epoch"], row["seq"]))


ROWS = events()
cases = {"files": [], "tables": []}


# Files


def arrow_types(**other):
    types = {name: pa.int64() for name in WHOLE} | {name: pa.string() for name in TEXTS} | {"ts": pa.int64()}
    return types | other


def arrow(types=None, rows=ROWS, names=NAMES, ids=True, convert=None, required=True):
    """An Arrow table of the events; `convert` gives a value of a column of another type."""
    types = types or arrow_types()
    convert = convert or {}
    fields, columns = [], []
    for name in names:
        metadata = {"PARQUET:field_id": str(IDS[name])} if ids else None
        fields.append(pa.field(name, types[name], nullable=not (required and name in REQUIRED), metadata=metadata))
        values = [row[name] for row in rows]
        with_type = convert.get(name, lambda value: value)
        columns.append(pa.array([None if value is None else with_type(value) for value in values], types[name]))
    return pa.table(columns, schema=pa.schema(fields))


def case(name, types=None, refused=None, **more):
    """Takes note of a file; `types` are those of the table where they are not long and string."""
    entry = {"name": name}
    if types:
        entry["types"] = types
    if refused:
        entry["refused"] = refused
    cases["files"].append(entry | more)
    return FILES / f"{name}.parquet"


SMALL = {"data_page_size": 64, "write_batch_size": 8}


def by_pyarrow():
    def write(name, table, types=None, refused=None, case_more=None, **options):
        path = case(f"pyarrow-{name}", types, refused, **(case_more or {}))
        pq.write_table(table, path, store_schema=False, **({"compression": "none"} | options))

    table = arrow()
    optional = arrow(required=False)
    for codec in ["none", "snappy", "gzip", "zstd", "lz4"]:
        write(f"{codec}-dictionary-v1", optional, compression=codec)
        write(f"{codec}-plain-v2", table, compression=codec, use_dictionary=False, data_page_version="2.0")
    write("brotli", table, compression="brotli", refused="column ns: .*BROTLI")
    write("pages-v1", table, use_dictionary=False, **SMALL)
    write("pages-v2-dictionary", optional, data_page_version="2.0", compression="zstd", **SMALL)
    write("pages-index-checksum", table, use_dictionary=["ns", "verb"], write_page_index=True, write_page_checksum=True, **SMALL)
    # A dictionary that has grown too large is followed by plain pages.
    write("dictionary-given-up", table, dictionary_pagesize_limit=64, **SMALL)
    write("row-groups-of-6", table, row_group_size=6, compression="snappy", write_statistics=False)
    write("row-groups-of-9-statistics", optional, row_group_size=9, compression="zstd")
    write("no-statistics", table, write_statistics=False, compression="zstd")
    write("large-metadata", table.replace_schema_metadata({"note": "x" * 3000}), compression="zstd")
    delta = {name: "DELTA_BINARY_PACKED" for name in [*WHOLE, "ts"]}
    delta |= {name: "DELTA_BYTE_ARRAY" for name in ["payload", "ns", "verb"]}
    delta |= {name: "DELTA_LENGTH_BYTE_ARRAY" for name in ["entityId", "entityType", "session", "sub"]}
    write("delta-v1", optional, use_dictionary=False, column_encoding=delta, **SMALL)
    write("delta-v2", table, use_dictionary=False, column_encoding=delta, data_page_version="2.0", compression="zstd")
    split = {name: "BYTE_STREAM_SPLIT" for name in [*WHOLE, "ts"]}
    write("byte-stream-split", optional, use_dictionary=False, column_encoding=split, compression="zstd")
    ints = {"epoch": pa.int32(), "version": pa.int32(), "events": pa.int32()}
    write("byte-stream-split-v2-int", arrow(arrow_types(**ints)), {"epoch": "int", "version": "int", "events": "int"},
          use_dictionary=False, column_encoding=split, data_page_version="2.0")  # fmt: skip
    write("promoted-int-delta", arrow(arrow_types(**ints)), use_dictionary=False,
          column_encoding={"epoch": "DELTA_BINARY_PACKED"})  # fmt: skip

    # Times, each with the most that its unit has under a millisecond.
    for unit, per_ms, iceberg in [("ms", 1, "timestamp"), ("us", 1_000, "timestamp"), ("ns", 1_000_000, "timestamp_ns")]:
        for zone in [None, "UTC"]:
            convert = {"ts": lambda ms, per_ms=per_ms: ms * per_ms + per_ms - 1}
            kind = iceberg.replace("timestamp", "timestamptz") if zone else iceberg
            times = arrow(arrow_types(ts=pa.timestamp(unit, zone)), convert=convert)
            write(f"{unit}-{'zone' if zone else 'local'}", times, {"ts": kind}, use_dictionary=bool(zone), compression="snappy")
    write("ns-as-long", arrow(arrow_types(ts=pa.timestamp("ns")), convert={"ts": lambda ms: ms * 1_000_000 + 999_999}))
    plain_us = arrow(convert={"ts": lambda ms: ms * 1_000 + 999})
    write("us-without-unit", plain_us, {"ts": "timestamptz"})
    before_1970 = [row | {"ts": row["ts"] - 2 * BASE_MS} for row in ROWS]
    write("before-1970", arrow(arrow_types(ts=pa.timestamp("us")), before_1970, convert={"ts": lambda ms: ms * 1_000 + 999}),
          {"ts": "timestamp"}, case_more={"tsShift": -2 * BASE_MS})  # fmt: skip
    write("int96", arrow(arrow_types(ts=pa.timestamp("us")), convert={"ts": lambda ms: ms * 1_000}), {"ts": "timestamp"},
          "column ts: .*INT96", use_deprecated_int96_timestamps=True)  # fmt: skip
    write("date", arrow(arrow_types(ts=pa.date32()), convert={"ts": lambda ms: ms // DAY_MS}), {"ts": "timestamp"}, "column ts: .*INT32")

    # Numbers.
    decimals = {"epoch": pa.decimal128(4, 0), "seq": pa.decimal128(38, 0), "version": pa.decimal128(9, 0), "life": pa.decimal128(18, 0), "ts": pa.decimal128(20, 0)}  # fmt: skip
    wide = {"epoch": "decimal(4,0)", "seq": "decimal(38,0)", "version": "decimal(9,0)", "life": "decimal(18,0)", "ts": "decimal(20,0)"}
    as_decimal = dict.fromkeys(decimals, Decimal)
    write("decimals-bytes", arrow(arrow_types(**decimals), convert=as_decimal), wide, compression="zstd")
    write("decimals-bytes-plain", arrow(arrow_types(**decimals), convert=as_decimal), wide, use_dictionary=False, **SMALL)
    write("decimals-integers", arrow(arrow_types(**decimals), convert=as_decimal), wide, store_decimal_as_integer=True)
    write("decimals-split", arrow(arrow_types(**decimals), convert=as_decimal), wide, use_dictionary=False,
          column_encoding=dict.fromkeys(decimals, "BYTE_STREAM_SPLIT"))  # fmt: skip
    fractions = arrow(arrow_types(seq=pa.decimal128(38, 2)), convert={"seq": Decimal})
    write("decimal-fractions", fractions, {"seq": "decimal(38,0)"}, "column seq: .*scale")
    small = {"epoch": pa.int8(), "seq": pa.uint16(), "version": pa.int16(), "batchIndex": pa.uint8()}
    write("small-integers", arrow(arrow_types(**small)))
    write("unsigned-32", arrow(arrow_types(seq=pa.uint32())), None, "column seq: .*unsigned")
    write("unsigned-64", arrow(arrow_types(life=pa.uint64())), None, "column life: .*unsigned")
    doubles = {"epoch": pa.float64(), "seq": pa.float64(), "ts": pa.float64(), "version": pa.float64()}
    write("doubles", arrow(arrow_types(**doubles), convert=dict.fromkeys(doubles, float)))
    write("doubles-split", arrow(arrow_types(**doubles), convert=dict.fromkeys(doubles, float)), use_dictionary=False,
          column_encoding=dict.fromkeys(doubles, "BYTE_STREAM_SPLIT"))  # fmt: skip
    write("floats", arrow(arrow_types(seq=pa.float32()), convert={"seq": float}), None, "column seq: .*FLOAT")
    write("text-for-seq", arrow(arrow_types(seq=pa.string()), convert={"seq": str}), None, "column seq: .*BYTE_ARRAY|column seq: .*BINARY")
    write("text-for-life", arrow(arrow_types(life=pa.string()), convert={"life": str}), None, "column life: .*BYTE_ARRAY|column life: .*BINARY")
    write("number-for-ns", arrow(arrow_types(ns=pa.int64()), convert={"ns": len}), None, "column ns: .*INT64")
    write("times-for-seq", arrow(arrow_types(seq=pa.timestamp("us"))), None, "column seq: .*a time")

    # Texts.
    for name, kind in [("large-string", pa.large_string()), ("string-view", pa.string_view()), ("binary", pa.binary())]:
        convert = dict.fromkeys(TEXTS, str.encode) if kind == pa.binary() else {}
        write(name, arrow(arrow_types(**dict.fromkeys(TEXTS, kind)), convert=convert))
    write("dictionary-type", arrow(arrow_types(**dict.fromkeys(TEXTS[:-1], pa.dictionary(pa.int32(), pa.string())))))
    fixed = arrow(arrow_types(verb=pa.binary(13)), convert={"verb": lambda verb: verb.encode().ljust(13)})
    write("fixed-for-text", fixed, None, "column verb: .*FIXED_LEN_BYTE_ARRAY")

    # Columns that lack, or stand elsewhere, or beside.
    write("reversed", arrow(names=NAMES[::-1]), compression="snappy")
    write("renamed", table.rename_columns([f"{name}.old" for name in NAMES]))
    write("no-ids", arrow(ids=False), compression="snappy")
    write("no-ids-reversed", arrow(names=NAMES[::-1], ids=False))
    write("before-lives", arrow(names=NAMES[:9]), case_more={"without": LATER})
    write("before-lives-no-ids", arrow(names=NAMES[:9], ids=False), case_more={"without": LATER})
    nulls = arrow(arrow_types(**dict.fromkeys(LATER, pa.null())), convert=dict.fromkeys(LATER, lambda _: None))
    write("null-typed", nulls, refused="column session: .*INT32")
    without = [row | dict.fromkeys(LATER) for row in ROWS]
    write("all-null", arrow(rows=without), data_page_version="2.0", case_more={"without": LATER})
    write("all-null-no-statistics", arrow(rows=without), write_statistics=False, case_more={"without": LATER})
    beside = table
    for name, kind, value in [("tags", pa.list_(pa.string()), ["seq", "ns"]), ("_meta", pa.struct([("ns", pa.string()), ("seq", pa.int64())]), {"ns": "wrong", "seq": 3}), ("labels", pa.map_(pa.string(), pa.int64()), [("a", 1)])]:  # fmt: skip
        beside = beside.add_column(0, pa.field(name, kind), pa.array([value] * len(ROWS), kind))
    write("beside-nested", beside, compression="zstd")
    for name in ["ns", "entityId"]:
        write(f"no-{name}", arrow(names=[one for one in NAMES if one != name]), None, f"no column {name}")
        write(f"no-{name}-no-ids", arrow(names=[one for one in NAMES if one != name], ids=False), None, f"no column {name}")
    lists = arrow(arrow_types(ns=pa.list_(pa.string())), convert={"ns": lambda ns: [ns]})
    write("list-for-ns", lists, None, "column ns: .*(a group|lists)")
    group = arrow(arrow_types(payload=pa.struct([("text", pa.string())])), convert={"payload": lambda text: {"text": text}})
    write("group-for-payload", group, None, "column payload: .*a group")
    # A row of no namespace is of no store: the gap that it leaves is found by who counts.
    lost = [row | {"ns": None} if row["seq"] == 5 and row["ns"] == "a" else row for row in ROWS]
    write("a-row-without-ns", arrow(rows=lost, required=False), case_more={"lost": ["a", 5]})
    for name in ["seq", "epoch"]:
        some = [row | {name: None} if row["seq"] == 5 and row["ns"] == "a" else row for row in ROWS]
        write(f"a-row-without-{name}", arrow(rows=some, required=False), None, f"a row has no {name}")

    # No rows, in one row group or in none of them.
    pq.ParquetWriter(case("pyarrow-no-row-groups", rows=0), table.schema).close()
    write("no-rows", table.slice(0, 0), case_more={"rows": 0})


def by_duckdb():
    db = duckdb.connect()
    db.execute("SET threads = 1")
    db.register("arrow_events", arrow(ids=False, required=False))
    db.execute("CREATE TABLE events AS SELECT * FROM arrow_events")
    ids = ", ".join(f"{name}: {IDS[name]}" for name in NAMES)

    def write(name, select="*", types=None, refused=None, with_ids=True, **options):
        path = case(f"duckdb-{name}", types, refused)
        field_ids = f", FIELD_IDS {{{ids}}}" if with_ids else ""
        more = "".join(f", {key} {value}" for key, value in options.items())
        db.execute(f"COPY (SELECT {select} FROM events) TO '{path}' (FORMAT parquet{field_ids}{more})")

    for codec in ["uncompressed", "snappy", "gzip", "zstd", "lz4", "lz4_raw"]:
        write(f"{codec}-v1", COMPRESSION=codec)
        write(f"{codec}-v2", COMPRESSION=codec, PARQUET_VERSION="v2", DICTIONARY_SIZE_LIMIT=1)
    write("brotli", COMPRESSION="brotli", refused="column ns: .*BROTLI")
    write("no-ids", with_ids=False)
    write("bloom", BLOOM_FILTER_FALSE_POSITIVE_RATIO=0.01, WRITE_BLOOM_FILTER="true")
    times = "* REPLACE (make_timestamp(ts * 1000 + 999) AS ts)"
    write("us", times, {"ts": "timestamp"}, PARQUET_VERSION="v2")
    write("us-zone", "* REPLACE (make_timestamp(ts * 1000 + 999)::TIMESTAMPTZ AS ts)", {"ts": "timestamptz"})
    write("ms", "* REPLACE (make_timestamp(ts * 1000)::TIMESTAMP_MS AS ts)", {"ts": "timestamp"})
    write("ns", "* REPLACE (make_timestamp_ns(ts * 1000000 + 999999) AS ts)", {"ts": "timestamp_ns"})
    narrow = "* REPLACE (epoch::DECIMAL(4,0) AS epoch, seq::DECIMAL(38,0) AS seq, life::DECIMAL(18,0) AS life)"
    wide = {"epoch": "decimal(4,0)", "seq": "decimal(38,0)", "life": "decimal(18,0)"}
    write("decimals", narrow, wide, COMPRESSION="zstd")
    write("decimals-v2", narrow, wide, PARQUET_VERSION="v2", DICTIONARY_SIZE_LIMIT=1)
    # It has no 128 bits in Parquet and writes doubles instead.
    write("hugeint", "* REPLACE (seq::HUGEINT AS seq)")
    write("unsigned-32", "* REPLACE (seq::UINTEGER AS seq)", None, "column seq: .*unsigned")
    write("json-and-enum", "* REPLACE (payload::JSON AS payload, verb::ENUM ('thing.updated', 'store.fence', 'store.events') AS verb)")
    write("blobs", "* REPLACE (encode(payload) AS payload)")
    db.close()


def by_polars():
    table = polars.DataFrame([polars.Series(name, [row[name] for row in ROWS], polars.Int64 if name in WHOLE + ["ts"] else polars.String) for name in NAMES])  # fmt: skip

    def write(name, frame=table, types=None, refused=None, **options):
        frame.write_parquet(case(f"polars-{name}", types, refused), **({"compression": "uncompressed"} | options))

    for codec in ["uncompressed", "snappy", "gzip", "zstd", "lz4"]:
        write(codec, compression=codec, data_page_size=128)
    write("brotli", compression="brotli", refused="column ns: .*BROTLI")
    write("row-groups-of-8", row_group_size=8, compression="zstd", statistics=False)
    write("statistics", row_group_size=16, compression="snappy", statistics="full")
    write("categorical", table.with_columns(polars.col("ns", "verb").cast(polars.Categorical)))
    for unit, kind in [("ms", "timestamp"), ("us", "timestamp"), ("ns", "timestamp_ns")]:
        write(unit, table.with_columns(polars.from_epoch("ts", "ms").dt.cast_time_unit(unit)), {"ts": kind}, compression="zstd")
    exact = table.with_columns(polars.col("seq").cast(polars.Decimal(38, 0)), polars.col("epoch").cast(polars.Decimal(9, 0)))
    write("decimals", exact, {"seq": "decimal(38,0)", "epoch": "decimal(9,0)"}, compression="snappy")
    write("small-integers", table.with_columns(polars.col("epoch").cast(polars.Int8), polars.col("version").cast(polars.UInt16)))
    write("unsigned-64", table.with_columns(polars.col("seq").cast(polars.UInt64)), None, "column seq: .*unsigned")


def by_fastparquet():
    frame = pandas.DataFrame({name: pandas.Series([row[name] for row in ROWS], dtype="Int64" if name in WHOLE + ["ts"] else object) for name in NAMES})  # fmt: skip
    texts = dict.fromkeys(TEXTS, "utf8") | dict.fromkeys(NAMES, "infer") | dict.fromkeys(TEXTS, "utf8")

    def write(name, one=frame, types=None, refused=None, case_more=None, **options):
        path = case(f"fastparquet-{name}", types, refused, **(case_more or {}))
        fastparquet.write(str(path), one, object_encoding=texts, write_index=False, **options)

    for codec in ["UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD"]:
        write(codec.lower(), compression=codec)
    # The older form of it, which Java has no library for here.
    write("lz4", compression="LZ4", refused="column .*LZ4", case_more={"refusedBy": "emulator"})
    write("row-groups", row_group_offsets=[0, 7, 20], stats=False)
    write("categorical", frame.assign(ns=frame["ns"].astype("category"), verb=frame["verb"].astype("category")))
    times = frame.assign(ts=pandas.to_datetime(frame["ts"].astype("int64"), unit="ms"))
    write("times", times, {"ts": "timestamp"})
    write("int96", times, {"ts": "timestamp"}, "column ts: .*INT96", times="int96")


# Tables


class FolderIO(PyArrowFileIO):
    """Files of s3://archive/key in a folder, as the archive has them."""

    def _at(self, location):
        path = TABLES / location.removeprefix("s3://archive/")
        path.parent.mkdir(parents=True, exist_ok=True)
        return str(path)

    def new_input(self, location):
        return _named(super().new_input(self._at(location)), location)

    def new_output(self, location):
        return _named(super().new_output(self._at(location)), location)

    def delete(self, location):
        super().delete(self._at(location if isinstance(location, str) else location.location))


def _named(file, location):
    file._location = location
    return file


def iceberg_schema(**types):
    """The archive's columns, and when the sink took a row in."""
    fields = []
    for name in NAMES:
        kind = types.get(name, StringType() if name in TEXTS else LongType())
        fields.append(NestedField(IDS[name], name, kind, required=name in REQUIRED))
    return Schema(*fields, NestedField(99, "__ingest_ts", TimestamptzType(), required=False))


def ingested(rows, schema):
    came = [datetime.fromtimestamp((BASE_MS + row["seq"] // 10 * DAY_MS) / 1000, timezone.utc) for row in rows]
    table = arrow(rows=rows, ids=False).append_column("__ingest_ts", pa.array(came, pa.timestamp("us", "UTC")))
    return table.cast(schema.as_arrow()) if schema else table


def keep_current(name, table):
    """Removes what only older snapshots need; returns the place of the metadata."""
    kept = {table.metadata_location, table.current_snapshot().manifest_list}
    for manifest in table.current_snapshot().manifests(table.io):
        kept.add(manifest.manifest_path)
        kept.update(entry.data_file.file_path for entry in manifest.fetch_manifest_entry(table.io))
    for path in list((TABLES / name).rglob("*")):
        if path.is_file() and f"s3://archive/{path.relative_to(TABLES)}" not in kept:
            path.unlink()
    # Only what is kept may be named: Iceberg looks for the rest when it commits.
    path = TABLES / table.metadata_location.removeprefix("s3://archive/")
    metadata = json.loads(path.read_text())
    current = metadata["current-snapshot-id"]
    metadata["metadata-log"] = []
    for log in ("snapshots", "snapshot-log"):
        metadata[log] = [one for one in metadata.get(log, []) if one["snapshot-id"] == current]
    path.write_text(json.dumps(metadata))


def by_pyiceberg():
    catalog = SqlCatalog("fixtures", uri="sqlite:///:memory:", warehouse="s3://archive", **{"py-io-impl": f"{FolderIO.__module__}.FolderIO"})
    catalog.create_namespace("fixtures")

    def write(name, act, schema=None, spec=None, refused=None, refused_by=None, **properties):
        schema = schema or iceberg_schema()
        name = f"pyiceberg-{name}"
        properties = {"format-version": "2", "write.parquet.compression-codec": "zstd"} | properties
        table = catalog.create_table(f"fixtures.{name}", schema, location=f"s3://archive/{name}", partition_spec=spec or PartitionSpec(), properties=properties)  # fmt: skip
        act(table)
        table = catalog.load_table(f"fixtures.{name}")
        keep_current(name, table)
        entry = {"name": name, "metadata": table.metadata_location}
        if refused:
            entry |= {"refused": refused} | ({"refusedBy": refused_by} if refused_by else {})
        cases["tables"].append(entry)

    half = len(ROWS) // 2

    def append(table, rows=ROWS):
        table.append(ingested(rows, table.schema()))

    def twice(table):
        append(table, ROWS[:half])
        append(table, ROWS[half:])

    by_day = PartitionSpec(PartitionField(99, 1000, DayTransform(), "day"))
    by_ns = PartitionSpec(PartitionField(1, 1000, IdentityTransform(), "ns"))
    by_both = PartitionSpec(PartitionField(1, 1000, IdentityTransform(), "ns"), PartitionField(99, 1001, DayTransform(), "day"))
    deflate, null, zstd = ({"write.avro.compression-codec": codec} for codec in ("gzip", "null", "zstandard"))
    # Its deflate leaves bytes behind the end of every block.
    write("v1", twice, **{"format-version": "1"}, **deflate)
    write("v2-null", twice, **null)
    write("v2-zstd-day", append, spec=by_day, **zstd)
    write("v2-deflate-ns", append, spec=by_ns, **deflate)
    write("v1-ns-day", append, spec=by_both, **{"format-version": "1"})
    metrics = {"write.metadata.metrics.default": "truncate(1)"}
    write("bounds-of-one-character", append, spec=by_ns, **metrics)
    write("no-bounds", append, **{"write.metadata.metrics.default": "none"})
    write("bzip2-manifests", append, **{"write.avro.compression-codec": "bzip2"}, refused="bzip2", refused_by="worker")

    def evolved(table):
        rows = [row for row in ROWS if all(row[name] is None for name in LATER)]
        others = [row for row in ROWS if row not in rows]
        old = ingested(rows, None).drop_columns(LATER).rename_columns(early_names)
        table.append(old.cast(table.schema().as_arrow()))
        with table.update_schema(allow_incompatible_changes=True) as update:
            for name in LATER:
                update.add_column(name, StringType() if name in TEXTS else LongType())
            update.rename_column("kind", "verb")
            update.update_column("epoch", field_type=LongType())
            update.move_first("payload")
        table = catalog.load_table(table.name())
        fresh = ingested(others, None)
        table.append(fresh.select([field.name for field in table.schema().fields]).cast(table.schema().as_arrow()))

    early_names = [("kind" if name == "verb" else name) for name in NAMES if name not in LATER] + ["__ingest_ts"]
    early = Schema(*[
        NestedField(IDS[name], "kind" if name == "verb" else name, IntegerType() if name == "epoch" else StringType() if name in TEXTS else LongType(), required=name in REQUIRED)
        for name in NAMES if name not in LATER
    ], NestedField(99, "__ingest_ts", TimestamptzType(), required=False))  # fmt: skip
    write("evolved", evolved, schema=early)

    def deleted(table):
        """Rows that went by rewriting: entries of files that are gone stay in manifests."""
        extra = [event("a", 3, seq, life=9) for seq in range(40, 46)]
        table.append(ingested(ROWS[:half] + extra, table.schema()))
        append(table, ROWS[half:])
        table.delete("epoch = 3")

    write("rows-deleted", deleted)

    def added(table):
        """Files that others wrote, whose columns are known by name."""
        path = TABLES / "pyiceberg-files-added" / "data" / "added.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(ingested(ROWS, None).select([*reversed(NAMES), "__ingest_ts"]), path, compression="zstd")
        table.add_files(["s3://archive/pyiceberg-files-added/data/added.parquet"])

    write("files-added", added)

    def renamed_since(table):
        path = TABLES / "pyiceberg-files-renamed" / "data" / "added.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        before = [old.get(name, name) for name in [*NAMES, "__ingest_ts"]]
        pq.write_table(ingested(ROWS, None).rename_columns(before), path, compression="zstd")
        table.add_files(["s3://archive/pyiceberg-files-renamed/data/added.parquet"])
        with table.update_schema() as update:
            for name, before in old.items():
                update.rename_column(before, name)

    old = {"life": "incarnation", "verb": "kind"}
    former = Schema(*[NestedField(field.field_id, old.get(field.name, field.name), field.field_type, required=field.required) for field in iceberg_schema().fields])  # fmt: skip
    write("files-renamed", renamed_since, schema=former)

    def by_polars_too(table):
        frame = polars.from_arrow(ingested(ROWS, table.schema()))
        frame.write_iceberg(table, mode="append")

    loose = Schema(*[NestedField(field.field_id, field.name, field.field_type, required=False) for field in iceberg_schema().fields])
    write("polars", by_polars_too, schema=loose)


for folder in (FILES, TABLES):
    for path in [*folder.glob("pyarrow-*"), *folder.glob("duckdb-*"), *folder.glob("polars-*"), *folder.glob("fastparquet-*"), *folder.glob("pyiceberg-*")]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    folder.mkdir(parents=True, exist_ok=True)
by_pyarrow()
by_duckdb()
by_polars()
by_fastparquet()
by_pyiceberg()
cases["versions"] = {
    "pyarrow": pa.__version__, "duckdb": duckdb.__version__, "polars": polars.__version__,
    "fastparquet": fastparquet.__version__, "pyiceberg": pyiceberg.__version__,
}  # fmt: skip
(HERE / "cases.json").write_text(json.dumps(cases, indent=2) + "\n")
(HERE / "events.json").write_text("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS) + "\n]\n")
