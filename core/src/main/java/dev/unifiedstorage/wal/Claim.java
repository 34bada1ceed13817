package dev.unifiedstorage.wal;

import java.util.Optional;

/**
 * Whether this life has claimed an epoch, and what for.
 *
 * <p>A life writes only in an epoch that it has claimed itself. A transition is a method of the
 * state that it leaves; any other is an {@link IllegalStateException}.
 *
 * <pre>
 * from        method         to          when
 * Unclaimed   write          Writing     the first write is applied
 * Unclaimed   recover        Recovering  a start needs what only the archive has
 * Writing     fenceTaken     Writing     the fence has gone ahead of the first event
 * Writing     recover        Recovering  a rebuild was asked for
 * Writing     undone         Unclaimed   its events were undone, and may have arrived all the same
 * Recovering  fenceTaken     Recovering  the fence has gone behind everything that waits
 * Recovering  refused        Recovering  the Pipeline refuses events; that waits for the end
 * Recovering  completed      Writing     the archive's events are in the state
 * Recovering  abandoned      Unclaimed   the recovery gave up, and the state is whole
 * </pre>
 *
 * <p>A recovery that broke off has claimed an epoch already: the next start goes on in it, in
 * {@link Recovering} from the beginning and with its fence in the outbox.
 */
sealed interface Claim {

  /** No epoch of this life's own: the epoch is the one that the last life ended in. */
  record Unclaimed() implements Claim {
    @Override
    public String name() {
      return "Unclaimed";
    }

    @Override
    public Claim write(Event fence) {
      return new Writing(Optional.of(fence));
    }

    @Override
    public Claim recover(Event fence) {
      return new Recovering(Optional.of(fence), Optional.empty());
    }
  }

  /**
   * Writes are accepted in an epoch of this life's own.
   *
   * @param unsentFence the fence, until it has gone ahead of the epoch's first event
   */
  record Writing(Optional<Event> unsentFence) implements Claim {
    @Override
    public String name() {
      return "Writing";
    }

    @Override
    public Claim fenceTaken() {
      return new Writing(Optional.empty());
    }

    @Override
    public Claim recover(Event fence) {
      return new Recovering(Optional.of(fence), Optional.empty());
    }

    @Override
    public Claim undone() {
      return new Unclaimed();
    }
  }

  /**
   * No write is accepted: the fence shows how far the archive has come.
   *
   * @param unsentFence the fence, until it has gone behind everything that waits
   * @param refusal why the Pipeline refuses events, if it does: they go to SQLite once the state is
   *     whole
   */
  record Recovering(Optional<Event> unsentFence, Optional<String> refusal) implements Claim {
    @Override
    public String name() {
      return "Recovering";
    }

    @Override
    public Claim fenceTaken() {
      return new Recovering(Optional.empty(), refusal);
    }

    @Override
    public Claim refused(String error) {
      return new Recovering(unsentFence, Optional.of(error));
    }

    @Override
    public Claim completed() {
      return new Writing(Optional.empty());
    }

    @Override
    public Claim abandoned() {
      return new Unclaimed();
    }
  }

  /** The fence that has not been offered to the Pipeline and is in no row. */
  default Optional<Event> unsentFence() {
    return Optional.empty();
  }

  default Claim write(Event fence) {
    throw impossible("write");
  }

  default Claim fenceTaken() {
    throw impossible("fenceTaken");
  }

  default Claim undone() {
    throw impossible("undone");
  }

  default Claim recover(Event fence) {
    throw impossible("recover");
  }

  default Claim refused(String error) {
    throw impossible("refused");
  }

  default Claim completed() {
    throw impossible("completed");
  }

  default Claim abandoned() {
    throw impossible("abandoned");
  }

  /** The name of the state, for errors. */
  String name();

  private IllegalStateException impossible(String transition) {
    return new IllegalStateException("claim: no " + transition + " from " + name());
  }
}
