package dev.unifiedstorage.checkpoint;

import java.util.Optional;

/**
 * What became of a checkpoint that was asked for.
 *
 * @param stats what it did; nothing but the trigger when there was nothing to do, or it failed
 * @param error why it failed: everything dirty still is, and it is tried again later
 */
public record CheckpointOutcome(CheckpointStats stats, Optional<RuntimeException> error) {

  static CheckpointOutcome done(CheckpointStats stats) {
    return new CheckpointOutcome(stats, Optional.empty());
  }

  /** That of a checkpoint which wrote nothing. */
  public static CheckpointOutcome nothingToDo(Trigger trigger) {
    return done(new CheckpointStats(trigger, 0, 0, 0, 0, 0, 0));
  }

  static CheckpointOutcome failed(Trigger trigger, RuntimeException error) {
    return new CheckpointOutcome(nothingToDo(trigger).stats(), Optional.of(error));
  }

  /** What it did, or why it failed as an exception. */
  public CheckpointStats orThrow() {
    if (error.isPresent()) {
      throw error.get();
    }
    return stats;
  }
}
