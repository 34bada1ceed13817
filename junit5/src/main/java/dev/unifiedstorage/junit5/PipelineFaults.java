package dev.unifiedstorage.junit5;

import dev.unifiedstorage.emulator.pipeline.Faults;
import dev.unifiedstorage.emulator.pipeline.Faults.PipelineMode;
import java.time.Duration;

/** How the Pipeline behaves from now on; by default it accepts every send at once. */
public final class PipelineFaults {
  private final Faults faults;

  PipelineFaults(Faults faults) {
    this.faults = faults;
  }

  /** Accepts again. */
  public void accept() {
    faults.pipeline(PipelineMode.OK, 0);
  }

  /** Accepts every send, and says so so much later. */
  public void delay(Duration answer) {
    faults.pipeline(PipelineMode.OK, answer.toMillis());
  }

  /** Fails every send; nothing is stored. */
  public void reject() {
    faults.pipeline(PipelineMode.REJECT, 0);
  }

  /** Never answers; nothing is stored. */
  public void hang() {
    faults.pipeline(PipelineMode.HANG, 0);
  }

  /** Stores every send, and yet says that it failed: the store sends it again. */
  public void duplicate() {
    faults.pipeline(PipelineMode.DUPLICATE, 0);
  }

  /** Fails every send until so much time has passed on the stores' clock, and then accepts. */
  public void outage(Duration length) {
    faults.outage(length.toMillis());
  }
}
