package dev.unifiedstorage.port;

/** The end of an asynchronous call: exactly one of its methods is called, once. */
public interface Completion {
  /** What was asked for has happened. */
  void succeeded();

  /**
   * It ended, and what was asked for did not happen.
   *
   * @param error a sentence a person can act on, never null
   */
  void failed(String error);
}
