package dev.unifiedstorage.wal;

import org.jspecify.annotations.Nullable;

/**
 * What a {@link PipelineEmitter} has done so far.
 *
 * @param status how the Pipeline is doing
 * @param queued events accepted from the caller that the Pipeline has not accepted
 * @param sent events the Pipeline has accepted
 * @param sentBytes their size, about: measured in characters, which the platform bills as bytes
 * @param retries sends that repeated an earlier one
 * @param deadLettered events handed to the dead-letter queue
 * @param dropped events that were given up: the Pipeline did not take them, and no dead-letter
 *     queue did
 * @param lastError why the last failed send failed, or null
 */
public record EmitterStats(
    Status status,
    int queued,
    double sent,
    double sentBytes,
    double retries,
    double deadLettered,
    double dropped,
    @Nullable String lastError) {

  /** How the Pipeline is doing; each says what comes next. */
  public enum Status {
    /** The last send succeeded, or there was none; a failure leads to RETRYING. */
    OK("ok"),
    /** A batch has failed at least once; success leads to OK, too many failures to DEGRADED. */
    RETRYING("retrying"),
    /** A batch has used up its retries and is repeated all the same; success leads to OK. */
    DEGRADED("degraded"),
    /** Nothing is accepted any more; final. */
    CLOSED("closed");

    private final String label;

    Status(String label) {
      this.label = label;
    }

    /** The name in statistics. */
    public String label() {
      return label;
    }
  }
}
