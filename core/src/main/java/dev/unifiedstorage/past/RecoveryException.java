package dev.unifiedstorage.past;

/** The state could not be recovered; the message says what was expected, found, and what to do. */
public final class RecoveryException extends RuntimeException {
  /** With a sentence that a person can act on. */
  public RecoveryException(String message) {
    super(message);
  }
}
