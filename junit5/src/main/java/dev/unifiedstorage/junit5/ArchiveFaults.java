package dev.unifiedstorage.junit5;

import dev.unifiedstorage.emulator.pipeline.Faults;
import dev.unifiedstorage.emulator.pipeline.Faults.SinkMode;

/** How the sink behaves that brings events to the archive; by default it works. */
public final class ArchiveFaults {
  private final Faults faults;

  ArchiveFaults(Faults faults) {
    this.faults = faults;
  }

  /** Lets nothing land in the archive any more. */
  public void stall() {
    faults.sink(SinkMode.STALL);
  }

  /**
   * Drops what would land from now on, as the platform drops what does not fit a stream's schema.
   */
  public void drop() {
    faults.sink(SinkMode.DROP);
  }

  /** Lets events land again. */
  public void resume() {
    faults.sink(SinkMode.OK);
  }
}
