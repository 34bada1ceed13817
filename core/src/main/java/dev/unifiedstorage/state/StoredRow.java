package dev.unifiedstorage.state;

/**
 * A row of SQLite whose text is kept in memory: the things in it lie there until they are asked
 * for.
 *
 * <p>A thing as a line of a row takes a fraction of what it takes as an object, and a start that
 * leaves things where they are has little to do. The text goes when none of its lines is anybody's
 * newest version any more; that there are not many dead ones meanwhile is what keeps SQLite small
 * too.
 */
public interface StoredRow {
  /** The thing whose line starts at {@code start}, and which is of this type. */
  Thing thing(int start, String type);

  /** The length of the line that starts at {@code start}. */
  int length(int start);

  /** How many bytes each character of its text takes in memory. */
  int charBytes();

  /** The id of the thing whose line starts at {@code start}. */
  String id(int start);

  /** The event of the thing whose line starts at {@code start}. */
  double seq(int start);

  /** The newest event of the things in it: a search for later events passes the row over. */
  double lastSeq();

  /** When the thing whose line starts at {@code start} expires, 0 when it stays. */
  double expiresAtMs(int start);

  /** The slot, when it is a packed segment, or 0. */
  int slot();
}
