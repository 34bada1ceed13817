package dev.unifiedstorage.port;

/** SQLite refused: the message names the database and what to do about it. */
public final class SqlException extends RuntimeException {
  /** Whether the database itself is damaged, so that trying again cannot help. */
  private final boolean corrupt;

  public SqlException(String message, boolean corrupt) {
    super(message);
    this.corrupt = corrupt;
  }

  public boolean corrupt() {
    return corrupt;
  }
}
