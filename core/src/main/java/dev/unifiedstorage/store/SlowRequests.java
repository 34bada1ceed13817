package dev.unifiedstorage.store;

import dev.unifiedstorage.protocol.RequestType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The slowest requests of the last minutes: their figures, and nothing of what they said.
 *
 * <p>They are kept in windows of five minutes, of each the ten slowest, because a list without
 * windows is empty when what was very slow grows old: it has kept what came behind out. Those of
 * the window that is under way and of the one before are told.
 */
final class SlowRequests {
  /** How many are told, and kept of a window. */
  static final int MOST = 10;

  static final double WINDOW_MS = 5 * 60_000;

  /**
   * One of them.
   *
   * @param thingType the type of things that the request names, null for none
   * @param sub the name of the subscription that it begins or ends, null for none
   * @param atMs when it was answered
   * @param chars its length as it came; its share where it was one of a frame
   * @param replyChars the length of the reply
   * @param code why it was refused, "" when it was not
   */
  record Slow(
      RequestType type,
      @Nullable String thingType,
      @Nullable String sub,
      double tookMs,
      double atMs,
      int chars,
      int replyChars,
      String code) {}

  /** The number of the window under way, and its slowest, the slowest first. */
  private double window;

  private List<Slow> slowest = new ArrayList<>();
  private List<Slow> before = List.of();

  /** Whether one that is answered now would be kept. */
  boolean takes(double tookMs, double nowMs) {
    goOn(nowMs);
    // What took no time is no slow one, and on a Worker, whose clock stands still, most are.
    return tookMs > (slowest.size() < MOST ? 0 : slowest.get(MOST - 1).tookMs());
  }

  /** Keeps one that it takes. */
  void add(Slow slow) {
    if (slowest.size() == MOST) {
      slowest.remove(MOST - 1);
    }
    insert(slowest, slow);
  }

  /** The slowest first. */
  List<Slow> told(double nowMs) {
    goOn(nowMs);
    List<Slow> all = new ArrayList<>(slowest);
    for (Slow slow : before) {
      insert(all, slow);
    }
    return all.size() > MOST ? all.subList(0, MOST) : all;
  }

  private void goOn(double nowMs) {
    double now = Math.floor(nowMs / WINDOW_MS);
    if (now != window) {
      before = now == window + 1 ? slowest : List.of();
      slowest = new ArrayList<>();
      window = now;
    }
  }

  private static void insert(List<Slow> into, Slow slow) {
    int i = into.size();
    while (i > 0 && into.get(i - 1).tookMs() < slow.tookMs()) {
      i--;
    }
    into.add(i, slow);
  }
}
