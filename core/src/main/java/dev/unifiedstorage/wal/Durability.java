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
}
