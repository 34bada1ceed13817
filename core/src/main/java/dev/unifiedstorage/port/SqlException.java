package dev.unifiedstorage.port;

/** SQLite refused: the message names the database and what to do about it. */
public final class SqlException extends RuntimeException {
  private final boolean corrupt;

  /**
   * @param corrupt whether the database itself is damaged
   */
  public SqlException(String message, boolean corrupt) {
    super(message);
    this.corrupt = corrupt;
  }

  /** Whether the database itself is damaged, so that trying again cannot help. */
  public boolean corrupt() {
    return corrupt;
  }
}
