package dev.unifiedstorage.feed;

import dev.unifiedstorage.checkpoint.DeletionRows;
import dev.unifiedstorage.layout.CorruptRowException;
import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.past.Moments;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.wal.Position;
import dev.unifiedstorage.wal.Seqs;
import org.jspecify.annotations.Nullable;

/** Says whether a subscription can go on from a moment that the client names, and has it do so. */
final class Resumption {
  private final Seqs seqs;
  private final Moments moments;
  private final DeletionRows deletions;
  private final StoreObserver observer;

  Resumption(Seqs seqs, Moments moments, DeletionRows deletions, StoreObserver observer) {
    this.seqs = seqs;
    this.moments = moments;
    this.deletions = deletions;
    this.observer = observer;
  }

  /** The seq of a moment of which it can be told what has changed since; negative for none. */
  double knownSince(@Nullable Position since) {
    return since != null
            && since.seq() <= seqs.durable()
            && moments.verdict(since) == Life.Verdict.YES
            && !seqs.life().emptied().isBehind(since.life(), since.seq())
            && deletions.knowsAllSince(since.seq())
        ? since.seq()
        : -1;
  }

  /**
   * Has a subscription go on from an event that it knows: notes which things are gone since.
   *
   * @return false when that cannot be read any more
   */
  boolean prepare(Subscription subscription) {
    subscription.neededSeq = seqs.applied();
    Selection selection = subscription.selection;
    try {
      deletions.forEachSince(
          subscription.sinceSeq,
          deletion -> {
            if (selection.type() == null || selection.type().equals(deletion.type())) {
              subscription.todo.put(deletion.id(), false);
            }
          });
    } catch (CorruptRowException e) {
      observer.warning(e.getMessage() + "; a subscriber is told everything");
      subscription.todo.clear();
      return false;
    }
    if (selection.ids() != null) {
      subscription.todo.keySet().retainAll(selection.idSet());
    }
    return true;
  }
}
