package dev.unifiedstorage.port;

/**
 * A growing text of lines, each ended by a line break.
 *
 * <p>A row is thousands of lines, and a host may have a faster way to make one text of them than to
 * append one after the other.
 */
public interface LineWriter {
  /** Appends a line, without its line break. */
  void add(String line);

  /** All lines so far. */
  String text();
}
