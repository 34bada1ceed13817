package dev.unifiedstorage.port;

/** Where the store tells its operator what happened: a log in production, a list in a test. */
public interface StoreObserver {
  /** Something that happens in the ordinary course. */
  void info(String message);

  /** Something a person should look at although nothing is lost. */
  void warning(String message);

  /** Something that failed. */
  void error(String message);

  /**
   * A step of the store's life. Unless somebody keeps lines for programs, it is a message.
   *
   * @param line the same as a JSON object: {@code step}, {@code namespace}, {@code epoch}, {@code
   *     seq} and what there is to say of that step
   */
  default void step(LifeStep step, String message, String line) {
    switch (step) {
      case DEGRADED -> warning(message);
      case FAILED -> error(message);
      default -> info(message);
    }
  }
}
