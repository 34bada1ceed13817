package dev.unifiedstorage.store;

import dev.unifiedstorage.checkpoint.Committer;
import dev.unifiedstorage.checkpoint.ThingFinder;
import dev.unifiedstorage.feed.Feed;
import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.wal.WriteAheadLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Deletes a store, in two steps: what it holds, at once; and what is left of it in SQLite, once the
 * Pipeline has the record that says so.
 *
 * <p>The first step is one commit. The second is taken by whichever instance sees the Pipeline
 * accept that record, so a crash between them leaves a store that is empty and has some more rows.
 * The answer waits for the second, because no alarm is left that would send the record later.
 */
final class StoreDeletion {
  /** How long an answer waits for the Pipeline. */
  static final double ANSWER_MS = 30_000;

  private record Waiting(HttpReply reply, int things) {}

  private final Things state;
  private final ThingFinder finder;
  private final WriteAheadLog wal;
  private final Committer committer;
  private final Lifecycle lifecycle;
  private final Feed feed;
  private final Timers timers;
  private final Clock clock;
  private final StoreObserver observer;
  private final Json json;
  private final UnaryOperator<String> about;
  private final List<Waiting> waiting = new ArrayList<>();
  private Timers.Timer timeout = Timers.NONE;

  /** Whether rows may be left that nothing needs once the Pipeline has every event. */
  private boolean unswept;

  private boolean looked;

  /**
   * @param about puts namespace, epoch and seq before a sentence
   */
  StoreDeletion(
      Things state,
      ThingFinder finder,
      WriteAheadLog wal,
      Committer committer,
      Lifecycle lifecycle,
      Feed feed,
      Timers timers,
      StorePorts ports,
      UnaryOperator<String> about) {
    this.state = state;
    this.finder = finder;
    this.wal = wal;
    this.committer = committer;
    this.lifecycle = lifecycle;
    this.feed = feed;
    this.timers = timers;
    this.clock = ports.clock();
    this.observer = ports.observer();
    this.json = ports.json();
    this.about = about;
  }

  /** Whether no answer is owed. */
  boolean isIdle() {
    return waiting.isEmpty();
  }

  void delete(HttpReply reply) {
    Life life = wal.seqs().life();
    boolean empty = life.id() == 0 || life.isEmptied(wal.seqs().applied());
    if (empty && !unswept) {
      answer(new Waiting(reply, 0));
      return;
    }
    int things = 0;
    if (!empty) {
      things = count();
      Optional<RuntimeException> error = committer.empty();
      if (error.isPresent()) {
        refuse(reply, String.valueOf(error.get().getMessage()));
        return;
      }
      if (!feed.isRunning()) {
        // It could not name what its checkpoint has evicted.
        feed.begin(true);
      }
      unswept = true;
    }
    waiting.add(new Waiting(reply, things));
    if (timeout == Timers.NONE) {
      timeout = timers.after(ANSWER_MS, this::giveUp);
    }
  }

  private int count() {
    double nowMs = clock.nowMs();
    int things = state.size();
    for (TypedCollection collection : state.collections()) {
      things -= collection.mayExpire() ? finder.countExpired(collection, nowMs) : 0;
    }
    return things;
  }

  /** Sweeps once the Pipeline has the record of the deletion. */
  void turn() {
    if (!lifecycle.isRunning()) {
      return;
    }
    Life life = wal.seqs().life();
    double applied = wal.seqs().applied();
    if (!looked) {
      looked = true;
      unswept |= life.isEmptied(applied) && wal.outgoing().hasUndelivered();
    }
    if (!unswept || wal.lives().mustClaim()) {
      // Behind writes that were undone a checkpoint begins a life first, whose fence has to leave.
      return;
    }
    boolean delivered = !wal.outgoing().hasUndelivered();
    if (!delivered && wal.seqs().accepted() <= life.emptied().seq()) {
      return;
    }
    unswept = false;
    try {
      if (life.isEmptied(applied) && delivered) {
        committer.sweep();
      }
    } catch (RuntimeException e) {
      unswept = true;
      observer.error(about.apply("rows of a deleted store are left: " + e.getMessage()));
      answerAll(one -> refuse(one.reply, String.valueOf(e.getMessage())));
      return;
    }
    answerAll(this::answer);
  }

  private void giveUp() {
    timeout = Timers.NONE;
    answerAll(
        one ->
            refuse(
                one.reply,
                "the store is empty, and the Pipeline has not accepted the record of that within "
                    + (long) ANSWER_MS
                    + " ms; it is sent again. Ask again to hear when it was"));
  }

  private void answerAll(Consumer<Waiting> answer) {
    timeout.cancel();
    timeout = Timers.NONE;
    List<Waiting> all = new ArrayList<>(waiting);
    waiting.clear();
    all.forEach(answer);
  }

  private void answer(Waiting one) {
    String body = json.writer().raw("{\"deleted\":").number(one.things).raw("}").text();
    one.reply.send(200, "application/json", body);
  }

  private void refuse(HttpReply reply, String reason) {
    Refusal refusal = Refusal.of(ErrorCode.UNAVAILABLE, about.apply(reason));
    ReplyWriter.refuse(reply, refusal, json);
  }
}
