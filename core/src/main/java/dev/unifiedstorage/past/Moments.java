package dev.unifiedstorage.past;

import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.wal.Moment;
import dev.unifiedstorage.wal.Position;
import dev.unifiedstorage.wal.Seqs;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Which moments are this store's own, and what the present one is called. */
public final class Moments {
  private final Seqs seqs;
  private final Json json;
  private final UnaryOperator<String> about;

  public Moments(Seqs seqs, Json json, UnaryOperator<String> about) {
    this.seqs = seqs;
    this.json = json;
    this.about = about;
  }

  /**
   * The newest event that an answer about all things of a type shows, as far as it is in memory.
   *
   * @param collection null when there is none
   */
  public double shownSeq(@Nullable TypedCollection collection) {
    double seq = collection == null ? 0 : collection.lastSeq();
    return Math.min(seq, seqs.applied());
  }

  /**
   * What the present is called in an answer that shows events up to a seq.
   *
   * <p>What was applied behind it and is not durable yet is of other types. So the answer is that
   * of this moment too, and this moment cannot be lost once the answer leaves.
   */
  public String now(double shownSeq) {
    double seq = Math.max(shownSeq, seqs.durable());
    return new Position(seqs.life().of(seq), seq).text(json);
  }

  /** Whether a moment that is given as a position can be one of this store's past. */
  public boolean isOwn(Moment moment) {
    Position position = moment.position();
    return position == null || verdict(position) != Life.Verdict.NO;
  }

  /**
   * Whether the store went through a position, as far as its commit record tells: the ancestors of
   * which it does not tell only the archive knows.
   */
  public Life.Verdict verdict(Position position) {
    return seqs.life().has(position.life(), position.seq(), seqs.applied());
  }

  public Refusal foreign(Moment moment) {
    String message =
        about.apply(
            "expected an at of this store's past, "
                + Objects.requireNonNull(moment.position()).text(json)
                + " is of another store or of writes that were undone");
    return Refusal.ofField("at", message, json);
  }
}
