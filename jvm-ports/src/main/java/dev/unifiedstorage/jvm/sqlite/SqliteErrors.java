package dev.unifiedstorage.jvm.sqlite;

import dev.unifiedstorage.port.SqlException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * What SQLite's error codes mean to the person who runs the program: which file, and what to do.
 */
final class SqliteErrors {
  private final String owner;
  private final Path file;

  /**
   * @param owner what the database belongs to, such as {@code namespace "a"}
   */
  SqliteErrors(String owner, Path file) {
    this.owner = owner;
    this.file = file;
  }

  SqlException of(SQLException cause) {
    SQLiteErrorCode code =
        cause instanceof SQLiteException sqlite
            ? sqlite.getResultCode()
            : SQLiteErrorCode.getErrorCode(cause.getErrorCode());
    return switch (primary(code)) {
      case SQLITE_NOTADB ->
          new SqlException(
              "%s of %s is not an SQLite database; it was left as it is. Move it away or put a backup in its place, then try again."
                  .formatted(file, owner),
              true);
      case SQLITE_CORRUPT ->
          new SqlException(
              "%s of %s is damaged (%s); it was left as it is. Put a backup in its place, or move it away and rebuild the store from the archive."
                  .formatted(file, owner, cause.getMessage()),
              true);
      case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH ->
          refused(cause, "cannot be opened", "Check that its folder exists and may be written to");
      case SQLITE_READONLY ->
          refused(cause, "is read-only", "Make the file and its folder writable");
      case SQLITE_BUSY, SQLITE_LOCKED ->
          refused(cause, "is locked by another process", "Close whatever else has the file open");
      case SQLITE_FULL -> refused(cause, "cannot grow", "Free some disk space");
      case SQLITE_IOERR ->
          refused(cause, "cannot be read or written", "Check the disk that it is on");
      case SQLITE_TOOBIG ->
          refused(cause, "refused a value or row", "Keep rows under 2 MB, as on the platform");
      default -> refused(cause, "refused a statement", "This is an error in the program");
    };
  }

  SqlException limit(String sentence) {
    return new SqlException(sentence + " (" + owner + ", " + file + ")", false);
  }

  private SqlException refused(SQLException cause, String what, String advice) {
    return new SqlException(
        file + " of " + owner + " " + what + ": " + cause.getMessage() + ". " + advice + ".",
        false);
  }

  /** The basic code of an extended one: {@code SQLITE_IOERR_READ} is an {@code SQLITE_IOERR}. */
  private static SQLiteErrorCode primary(SQLiteErrorCode code) {
    return SQLiteErrorCode.getErrorCode(code.code & 0xff);
  }
}
