package dev.unifiedstorage.layout;

/** A stored row is not what was written: the message names the row. */
public final class CorruptRowException extends RuntimeException {
  public CorruptRowException(String row, String what) {
    super("row " + row + " is damaged: " + what);
  }
}
