package dev.unifiedstorage.worker;

import org.teavm.jso.JSObject;

/** One statement under way in {@code storage.sql}. */
interface SqlRun extends JSObject {
  /** What SQLite refused, or null; asked after the start and after every {@link #next}. */
  String error();

  boolean next();

  String text(int column);

  double number(int column);

  double rowsWritten();
}
