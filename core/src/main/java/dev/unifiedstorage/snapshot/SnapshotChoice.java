package dev.unifiedstorage.snapshot;

import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.IcebergReader;
import dev.unifiedstorage.port.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which snapshot of a namespace a reader begins at: the newest, or the oldest, that is whole and
 * that its reader does not pass over, because it is on no path.
 *
 * <p>It reads nothing itself, a {@link SnapshotLook} does. The heads of the last days come first,
 * then those of all times; whether all parts of a head are there is asked with {@link #positions},
 * and answered by {@link #isWhole}.
 */
public final class SnapshotChoice {
  /** So many heads are kept of a look, the first ones to be chosen. */
  private static final int MOST = 16;

  /** How far back the first look goes: a snapshot is made once a day. */
  private static final double RECENT_MS = 3 * 86_400_000.0;

  private final String namespace;
  private final double untilSeq;
  private final double fromMs;
  private final double untilMs;
  private final double slackMs;
  private final Json json;
  private final List<SnapshotHead> found = new ArrayList<>();
  private final boolean oldestFirst;
  private final Set<String> passed = new HashSet<>();
  private final Set<Double> parts = new HashSet<>();
  private boolean looked;
  private double sinceMs;

  /** Whether a look has found more heads than are kept. */
  private boolean more;

  /** Whether parts of the chosen one came before the moment since when they can have come. */
  private boolean clocksDiffer;

  /**
   * @param namespace the store's
   * @param untilSeq snapshots of later events are of no use
   * @param untilMs nor are those that were begun later
   * @param knownMs when the newest was begun, or a moment after it; 0 when that is not known
   * @param slackMs how far the clocks of the object and of the Pipeline may differ
   */
  public SnapshotChoice(
      String namespace,
      double untilSeq,
      double untilMs,
      double knownMs,
      double nowMs,
      double slackMs,
      Json json) {
    this(namespace, untilSeq, 0, untilMs, false, slackMs, json);
    double newestMs = Math.min(nowMs, untilMs);
    sinceMs = Math.max(0, (knownMs > 0 ? knownMs : newestMs - RECENT_MS) - slackMs);
  }

  private SnapshotChoice(
      String namespace,
      double untilSeq,
      double fromMs,
      double untilMs,
      boolean oldestFirst,
      double slackMs,
      Json json) {
    this.oldestFirst = oldestFirst;
    this.namespace = SnapshotHead.namespaceOf(namespace);
    this.untilSeq = untilSeq;
    this.fromMs = fromMs;
    this.untilMs = untilMs;
    this.slackMs = slackMs;
    this.json = json;
  }

  /** Begins with the oldest there is, for who wants to know all that is left. */
  public static SnapshotChoice oldestFirst(
      String namespace, double untilSeq, double untilMs, double slackMs, Json json) {
    return new SnapshotChoice(namespace, untilSeq, 0, untilMs, true, slackMs, json);
  }

  /** Of those that were begun since a moment. */
  public static SnapshotChoice since(String namespace, double fromMs, Json json) {
    double ever = Double.POSITIVE_INFINITY;
    return new SnapshotChoice(namespace, ever, fromMs, ever, false, 0, json);
  }

  // ---- the heads

  /** Which rows are heads. */
  public IcebergReader.Query heads() {
    looked = true;
    found.clear();
    more = false;
    return IcebergReader.Query.of(namespace, Set.of(SnapshotHead.HEAD), untilSeq).since(sinceMs);
  }

  /** Takes note of a head. */
  public void notice(ArchivedEvent row) {
    SnapshotHead head = SnapshotHead.of(row, json);
    boolean inTime = head != null && head.beganMs() >= fromMs && head.beganMs() <= untilMs;
    if (head == null || !inTime || passed.contains(head.id())) {
      return;
    }
    int at = 0;
    while (at < found.size() && isBefore(found.get(at), head)) {
      at++;
    }
    if (at < found.size() && found.get(at).id().equals(head.id())) {
      // The sink repeats.
      return;
    }
    found.add(at, head);
    if (found.size() > MOST) {
      found.remove(MOST);
      more = true;
    }
  }

  private boolean isBefore(SnapshotHead one, SnapshotHead other) {
    return oldestFirst ? isNewer(other, one) : isNewer(one, other);
  }

  /** A claim is always later than that of the life before it, whatever clocks do. */
  private static boolean isNewer(SnapshotHead one, SnapshotHead other) {
    if (one.life().claimMs() != other.life().claimMs()) {
      return one.life().claimMs() > other.life().claimMs();
    }
    return one.seq() != other.seq() ? one.seq() > other.seq() : one.id().compareTo(other.id()) > 0;
  }

  /**
   * Whether the heads have not been looked for, or none is left of those that are kept, and there
   * may be others.
   */
  public boolean mustLook() {
    if (looked && (!found.isEmpty() || !more && sinceMs == 0)) {
      return false;
    }
    if (looked && !more) {
      sinceMs = 0;
    }
    return true;
  }

  /** Has the heads of all times be looked for; false when they have been. */
  public boolean widen() {
    boolean narrow = sinceMs > 0;
    sinceMs = 0;
    looked = looked && !narrow;
    return narrow;
  }

  /** The one that is chosen by now; empty when there is none. */
  public Optional<SnapshotHead> chosen() {
    return found.isEmpty() ? Optional.empty() : Optional.of(found.get(0));
  }

  /** All that were found, the chosen one first. */
  public List<SnapshotHead> found() {
    return found;
  }

  /** Chooses the next one: the reader cannot begin at this one. */
  public void passOver() {
    passed.add(found.remove(0).id());
    clocksDiffer = false;
  }

  /**
   * From when on its parts came, and all that it does not hold, as far as clocks can tell; 0 where
   * they cannot, or without one.
   */
  public double sinceMs() {
    return clocksDiffer
        ? 0
        : chosen().map(head -> Math.max(0, head.beganMs() - slackMs)).orElse(0.0);
  }

  /**
   * Takes note that parts are missing: all of time is looked at once more, because clocks may
   * differ by more than the slack; then it is passed over.
   */
  void lacksParts() {
    if (sinceMs() > 0) {
      clocksDiffer = true;
    } else {
      passOver();
    }
  }

  // ---- the parts of the chosen one

  /** Where its parts are. */
  IcebergReader.Query positions() {
    return query(true);
  }

  /** Its parts. */
  public IcebergReader.Query parts() {
    return query(false);
  }

  private IcebergReader.Query query(boolean positionsOnly) {
    parts.clear();
    SnapshotHead head = found.get(0);
    return new IcebergReader.Query(
        namespace,
        head.seq() - 1,
        head.seq() + head.parts() - 1,
        Set.of(head.id()),
        positionsOnly,
        sinceMs());
  }

  /** Takes note of a part; false of one that has come before. */
  public boolean noticePart(ArchivedEvent row) {
    return parts.add(row.seq());
  }

  /** Whether each of its parts has come. */
  public boolean isWhole() {
    return parts.size() == found.get(0).parts();
  }
}
