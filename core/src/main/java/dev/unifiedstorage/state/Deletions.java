package dev.unifiedstorage.state;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The newest deletions, as far as no row of their own has them yet, in the order of their seqs.
 *
 * <p>Every deletion behind {@link #forgottenSeq} is known here or in such a row. What a subscriber
 * saw before that cannot be told from what there is now, and it begins anew.
 */
public final class Deletions {
  private final int most;
  private final ArrayDeque<Deletion> recent = new ArrayDeque<>();
  private double forgottenSeq;
  private boolean saved = true;

  /**
   * @param most how many are kept at least
   */
  Deletions(int most) {
    this.most = most;
  }

  /** How many are kept at least, in memory and in rows together. */
  public int most() {
    return most;
  }

  /** Deletions up to this event may not be known any more. */
  public double forgottenSeq() {
    return forgottenSeq;
  }

  /** Says that nothing is known of deletions up to an event. */
  public void forgetUpTo(double seq) {
    forgottenSeq = Math.max(forgottenSeq, seq);
    saved = false;
  }

  /** A copy of those in memory, oldest first. */
  public List<Deletion> recent() {
    return new ArrayList<>(recent);
  }

  public int recentCount() {
    return recent.size();
  }

  /** Whether SQLite has what this says. */
  public boolean isSaved() {
    return saved;
  }

  public void add(Deletion deletion) {
    saved = false;
    recent.addLast(deletion);
    // Not one by one: those of a long replay are as many as there ever were.
    if (recent.size() > 2 * most + 1) {
      while (recent.size() > most) {
        forgottenSeq = Math.max(forgottenSeq, recent.pollFirst().seq());
      }
    }
  }

  /** The deletion by that event was undone; undone are the newest first. */
  void takeBack(double seq) {
    if (!recent.isEmpty() && recent.peekLast().seq() == seq) {
      recent.pollLast();
      saved = false;
    }
  }

  /** SQLite has what this says; those that a row of their own has leave the memory. */
  public void saved(boolean inRows) {
    saved = true;
    if (inRows) {
      recent.clear();
    }
  }

  /** Knows of none, because there is no state: a new one brings its own. */
  void clear() {
    recent.clear();
    forgottenSeq = 0;
    saved = false;
  }
}
