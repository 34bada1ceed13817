package dev.unifiedstorage.port;

/** A step of a store's life that its operator is told of. */
public enum LifeStep {
  /** It takes requests; nothing had to be replayed. */
  STARTED("started"),
  /** It takes requests, after events had to be replayed, or because it was rebuilt. */
  RECOVERED("recovered"),
  /** It takes requests, and acknowledges from SQLite what the Pipeline or the archive lacks. */
  DEGRADED("degraded"),
  /** What had degraded it is over. */
  CAUGHT_UP("caughtUp"),
  /** What was dirty is in SQLite, because it is about to leave the memory. */
  STOPPED("stopped"),
  /** Its state could not be had, or the database is another instance's. */
  FAILED("failed");

  private final String label;

  LifeStep(String label) {
    this.label = label;
  }

  /** The name in a line of a log. */
  public String label() {
    return label;
  }
}
