package dev.unifiedstorage.emulator.archive;

import dev.unifiedstorage.port.IcebergReader.Query;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.Schema;
import org.apache.iceberg.parquet.ParquetValueReaders;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;

/**
 * Reads the rows of one namespace out of a Parquet file, and null for every other row.
 *
 * <p>A file holds all namespaces in the order they wrote. So the filter looks at {@code ns} and
 * {@code seq} first, and of a row that is not wanted no text is ever decoded: its values are only
 * stepped over. That makes it several times as fast as reading rows and throwing them away.
 */
final class RowReader extends ParquetValueReaders.StructReader<ArchivedRow, RowReader.Values> {
  /** The columns of an event, in the order of the positions below. */
  private static final List<String> COLUMNS =
      List.of(
          "ns",
          "epoch",
          "seq",
          "life",
          "events",
          "verb",
          "entityId",
          "entityType",
          "version",
          "ts",
          "payload",
          "session",
          "n",
          "batchIndex",
          "sub");

  /** The columns that say where an event is: the first ones of the above. */
  private static final List<String> POSITION_COLUMNS = COLUMNS.subList(0, 5);

  private static final int NS = position("ns");
  private static final int EPOCH = position("epoch");
  private static final int SEQ = position("seq");
  private static final int LIFE = position("life");
  private static final int EVENTS = position("events");
  private static final int VERB = position("verb");
  private static final int ENTITY_ID = position("entityId");
  private static final int ENTITY_TYPE = position("entityType");
  private static final int VERSION = position("version");
  private static final int TS = position("ts");
  private static final int PAYLOAD = position("payload");
  private static final int SESSION = position("session");
  private static final int N = position("n");
  private static final int BATCH_INDEX = position("batchIndex");
  private static final int SUB = position("sub");
  private static final int MOST_SHARED_TEXTS = 1_000;

  /** The values of the current row, as the file has them. */
  static final class Values {
    private final Binary[] texts = new Binary[COLUMNS.size()];
    private final long[] numbers = new long[COLUMNS.size()];
    private boolean inBatch;
    private boolean hasSeq;
    private boolean hasEpoch;

    /** What is wrong with one of its numbers, or null. */
    private String wrong;
  }

  private final Values values = new Values();
  private final Binary namespace;
  private final long afterSeq;
  private final double untilSeq;
  private final Set<Binary> entityIds;
  private final Map<Binary, String> shared = new HashMap<>();
  private final Binary[] others = new Binary[16];
  private int nextOther;

  /**
   * @param file the columns of the file
   * @param columns those of the table that were asked for
   */
  RowReader(MessageType file, EventColumns columns, Query query) {
    super(columns.readers(file));
    this.namespace = Binary.fromString(query.namespace());
    this.afterSeq = (long) query.afterSeq();
    this.untilSeq = query.untilSeq();
    this.entityIds = query.entityIds() == null ? null : new HashSet<>();
    if (entityIds != null) {
      query.entityIds().forEach(id -> entityIds.add(Binary.fromString(id)));
    }
  }

  /** The columns of a table that are read for a query. */
  static EventColumns columns(Schema table, Query query) {
    boolean positions = query.positionsOnly() && query.entityIds() == null;
    return EventColumns.of(table, positions ? POSITION_COLUMNS : COLUMNS);
  }

  @Override
  protected Values newStructData(ArchivedRow reuse) {
    values.wrong = null;
    return values;
  }

  @Override
  protected Object getField(Values row, int column) {
    return null;
  }

  @Override
  protected void set(Values row, int column, Object value) {
    if (column == SEQ) {
      row.hasSeq = value != null;
    } else if (column == EPOCH) {
      row.hasEpoch = value != null;
    } else if (column == BATCH_INDEX) {
      row.inBatch = value != null;
    }
    if (value instanceof Long number) {
      row.numbers[column] = number;
    } else if (value instanceof Double real) {
      row.numbers[column] = 0;
      row.wrong =
          "column " + COLUMNS.get(column) + ": expected whole numbers within ±2^53, found " + real;
    } else {
      row.texts[column] = (Binary) value;
      row.numbers[column] = 0;
    }
  }

  @Override
  protected ArchivedRow buildStruct(Values row) {
    long seq = row.numbers[SEQ];
    if (!(row.hasSeq && row.hasEpoch) && isWanted(row.texts[NS])) {
      throw new EventColumns.Unreadable("a row has no " + (row.hasSeq ? "epoch" : "seq"));
    }
    boolean inside = seq == 0 || seq > afterSeq && seq <= untilSeq;
    if (!inside || !isWanted(row.texts[NS])) {
      return null;
    }
    if (row.wrong != null) {
      throw new EventColumns.Unreadable(row.wrong);
    }
    Binary entityId = row.texts[ENTITY_ID];
    if (entityIds != null && entityId != null && !entityIds.contains(entityId)) {
      return null;
    }
    Binary payload = row.texts[PAYLOAD];
    return new ArchivedRow(
        row.numbers[EPOCH],
        row.numbers[LIFE],
        seq,
        shared(row.texts[VERB]),
        entityId == null ? null : entityId.toStringUsingUTF8(),
        shared(row.texts[ENTITY_TYPE]),
        row.numbers[VERSION],
        row.numbers[TS],
        payload == null ? null : payload.getBytes(),
        shared(row.texts[SESSION]),
        shared(row.texts[SUB]),
        row.numbers[N],
        row.inBatch ? row.numbers[BATCH_INDEX] : -1,
        row.numbers[EVENTS]);
  }

  /**
   * Whether it is the namespace; of one that is not, the answer is remembered, because the values
   * of a dictionary come again as the same instance and comparing their texts is slow.
   */
  private boolean isWanted(Binary ns) {
    for (Binary other : others) {
      if (other == ns) {
        return false;
      }
    }
    boolean wanted = namespace.equals(ns);
    if (!wanted) {
      others[nextOther] = ns;
      nextOther = (nextOther + 1) % others.length;
    }
    return wanted;
  }

  /** One instance for a text that comes again and again. */
  private String shared(Binary text) {
    if (text == null) {
      return null;
    }
    String known = shared.get(text);
    if (known == null) {
      known = text.toStringUsingUTF8();
      if (shared.size() < MOST_SHARED_TEXTS) {
        shared.put(text.copy(), known);
      }
    }
    return known;
  }

  private static int position(String name) {
    return COLUMNS.indexOf(name);
  }
}
