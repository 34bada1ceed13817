package dev.unifiedstorage.emulator.archive;

import dev.unifiedstorage.past.ArchiveSurvey;
import org.apache.iceberg.StructLike;

/** A row on its way into a file: the columns of {@link EventsTable#SCHEMA} by position, reused. */
final class EventRow implements StructLike {
  static final int NS = 0;
  static final int EPOCH = 1;
  static final int SEQ = 2;
  static final int VERB = 3;
  static final int STORE = 4;
  static final int ENTITY_ID = 5;
  static final int ENTITY_TYPE = 6;
  static final int VERSION = 7;
  static final int TS = 8;
  static final int IDEMPOTENCY_KEY = 9;
  static final int PAYLOAD = 10;
  static final int INGEST_TS = 11;
  static final int LIFE = 12;
  static final int EVENTS = 17;
  static final int COLUMNS = EventsTable.SCHEMA.columns().size();

  private final Object[] values = new Object[COLUMNS];

  /** Empties every column but the time of ingestion, which many rows share. */
  void clear() {
    for (int i = 0; i < COLUMNS; i++) {
      values[i] = i == INGEST_TS ? values[i] : null;
    }
  }

  /** Says where the event is. */
  void tell(ArchiveSurvey survey) {
    survey.row((String) values[NS], number(EPOCH), number(LIFE), number(SEQ), number(EVENTS));
  }

  private double number(int column) {
    return values[column] instanceof Long number ? number : 0;
  }

  boolean has(int column) {
    return values[column] != null;
  }

  @Override
  public int size() {
    return COLUMNS;
  }

  @Override
  public <T> T get(int column, Class<T> type) {
    return type.cast(values[column]);
  }

  @Override
  public <T> void set(int column, T value) {
    values[column] = value;
  }
}
