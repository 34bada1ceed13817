package dev.unifiedstorage.wal;

import java.util.Optional;

/**
 * Whether this instance has drawn a life, and whether it may write in it.
 *
 * <p>An instance writes only in a life that it has drawn itself. A transition is a method of the
 * state that it leaves; any other is an {@link IllegalStateException}.
 *
 * <pre>
 * from        method      to          when
 * Unclaimed   begin       Writing     the first write is applied, or a commit has to claim
 * Unclaimed   recover     Recovering  the archive has to add what SQLite lacks
 * Writing     fenceTaken  Writing     the fence has gone ahead of the first event
 * Writing     begin       Writing     the store was deleted or restored: another life begins
 * Writing     recover     Recovering  a rebuild was asked for
 * Writing     undone      Unclaimed   its events were undone, and may have arrived all the same
 * Recovering  probeTaken  Recovering  the probe has gone behind everything that waits
 * Recovering  refused     Recovering  the Pipeline refuses events; that waits for the end
 * Recovering  ended       the former  the archive's events are in the state, or the recovery gave up
 * </pre>
 */
sealed interface Claim {

  /**
   * No life of this instance's own: the last one that there is was read from SQLite, or undone.
   *
   * @param hasUndone whether writes of it were undone that may have left: the next commit has to
   *     claim, or a start would bring them back
   */
  record Unclaimed(boolean hasUndone) implements Claim {
    @Override
    public String name() {
      return "Unclaimed";
    }

    @Override
    public Claim begin(Event fence) {
      return new Writing(Optional.of(fence), hasUndone);
    }

    @Override
    public Claim recover(Event probe) {
      return new Recovering(Optional.of(probe), Optional.empty(), this);
    }
  }

  /**
   * Writes are accepted in a life of this instance's own.
   *
   * @param unsentFence the fence, until it has gone ahead of the life's first event
   * @param followsUndone whether it began because writes were undone: if no record comes to claim
   *     it, the next commit still has to
   */
  record Writing(Optional<Event> unsentFence, boolean followsUndone) implements Claim {
    @Override
    public String name() {
      return "Writing";
    }

    @Override
    public Claim begin(Event fence) {
      return new Writing(Optional.of(fence), followsUndone);
    }

    @Override
    public Claim fenceTaken() {
      return new Writing(Optional.empty(), followsUndone);
    }

    @Override
    public Claim recover(Event probe) {
      return new Recovering(Optional.of(probe), Optional.empty(), this);
    }

    @Override
    public Claim undone(boolean mayHaveLeft) {
      return new Unclaimed(mayHaveLeft || followsUndone);
    }
  }

  /**
   * No write is accepted: a probe shows how far the archive has come. A recovery is no life.
   *
   * @param unsentProbe the probe, until it has gone behind everything that waits
   * @param refusal why the Pipeline refuses events, if it does: they go to SQLite once the state is
   *     whole
   * @param before what was so before
   */
  record Recovering(Optional<Event> unsentProbe, Optional<String> refusal, Claim before)
      implements Claim {
    @Override
    public String name() {
      return "Recovering";
    }

    @Override
    public Claim probeTaken() {
      return new Recovering(Optional.empty(), refusal, before);
    }

    @Override
    public Claim refused(String error) {
      return new Recovering(unsentProbe, Optional.of(error), before);
    }

    @Override
    public Claim ended() {
      return before;
    }
  }

  /** The fence that has not been offered to the Pipeline and is in no row. */
  default Optional<Event> unsentFence() {
    return Optional.empty();
  }

  default Claim begin(Event fence) {
    throw impossible("begin");
  }

  default Claim fenceTaken() {
    throw impossible("fenceTaken");
  }

  default Claim undone(boolean mayHaveLeft) {
    throw impossible("undone");
  }

  default Claim recover(Event probe) {
    throw impossible("recover");
  }

  default Claim probeTaken() {
    throw impossible("probeTaken");
  }

  default Claim refused(String error) {
    throw impossible("refused");
  }

  default Claim ended() {
    throw impossible("ended");
  }

  /** The name of the state, for errors. */
  String name();

  private IllegalStateException impossible(String transition) {
    return new IllegalStateException("claim: no " + transition + " from " + name());
  }
}
