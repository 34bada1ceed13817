package dev.unifiedstorage.wal;

/** When a write is acknowledged. */
public enum Durability {
  /** When the Pipeline has accepted its event. */
  PIPELINE("pipeline"),
  /** When its event is committed in SQLite. */
  LOCAL("local"),
  /** At once: a crash may lose it. */
  MEMORY("memory");

  private final String label;

  Durability(String label) {
    this.label = label;
  }

  /** The name in settings and statistics. */
  public String label() {
    return label;
  }

  /**
   * Whether a store can read back after a crash everything that it acknowledged.
   *
   * @param archive whether it has an archive to read
   */
  public boolean isTailRecoverable(boolean archive) {
    return switch (this) {
      case LOCAL -> true;
      case PIPELINE -> archive;
      case MEMORY -> false;
    };
  }
}
