package dev.unifiedstorage.checkpoint;

/** Why a checkpoint was taken. */
public enum Trigger {
  /** The interval has passed since something became dirty. */
  INTERVAL("interval"),
  /** Too many things are dirty. */
  COUNT("count"),
  /** The dirty things are too large, or the memory is. */
  MEMORY("memory"),
  /** Somebody asked. */
  MANUAL("manual"),
  /** The object may be about to leave the memory. */
  HIBERNATION("hibernation"),
  /** The platform's alarm: it may come when the timers were lost, and comes all the same if not. */
  ALARM("alarm"),
  /** The Pipeline has refused events for too long: they have to be durable elsewhere. */
  OUTAGE("outage"),
  /** The state was recovered from the archive. */
  RECOVERY("recovery");

  private final String label;

  Trigger(String label) {
    this.label = label;
  }

  /** Whether the object should be clean afterwards even if writes are coming in. */
  boolean isClosing() {
    return this == MANUAL || this == HIBERNATION || this == RECOVERY;
  }

  /** The name in statistics. */
  public String label() {
    return label;
  }
}
