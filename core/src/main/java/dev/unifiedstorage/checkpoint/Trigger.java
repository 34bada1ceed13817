package dev.unifiedstorage.checkpoint;

import java.util.Locale;

/** Why a checkpoint was taken. */
public enum Trigger {
  /** The interval has passed since something became dirty. */
  INTERVAL,
  /** Too many things are dirty. */
  COUNT,
  /** The dirty things are too large, or the memory is. */
  MEMORY,
  /** Somebody asked. */
  MANUAL,
  /** The object may be about to leave the memory. */
  HIBERNATION,
  /** The platform's alarm, which comes when the timers were lost. */
  ALARM,
  /** The Pipeline has refused events for too long: they have to be durable elsewhere. */
  OUTAGE,
  /** The state was recovered from the archive. */
  RECOVERY;

  /** Whether the object should be clean afterwards even if writes are coming in. */
  boolean isClosing() {
    return this == MANUAL || this == HIBERNATION || this == ALARM || this == RECOVERY;
  }

  /** The name in statistics. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
