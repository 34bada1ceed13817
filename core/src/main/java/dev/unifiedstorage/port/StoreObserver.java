package dev.unifiedstorage.port;

/** Where the store tells its operator what happened: a log in production, a list in a test. */
public interface StoreObserver {
  /** Something that happens in the ordinary course. */
  void info(String message);

  /** Something a person should look at although nothing is lost. */
  void warning(String message);

  /** Something that failed. */
  void error(String message);
}
