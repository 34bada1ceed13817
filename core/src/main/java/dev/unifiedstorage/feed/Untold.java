package dev.unifiedstorage.feed;

import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Upcasts;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What has been written and not been told: writes that are not durable yet, and by id what has
 * become durable since the last push.
 *
 * <p>A write waits with the version that was before it, so that what is told is always the state up
 * to the durable event, whatever has been applied since.
 */
final class Untold {
  private record Write(double seq, String id, @Nullable Thing older, @Nullable Thing newer) {}

  private final Followers followers;
  private final Upcasts upcasts;

  /** The writes that are not durable, oldest first. */
  private final ArrayDeque<Write> applied = new ArrayDeque<>();

  /** What has become durable since the last push, by id. */
  private Map<String, Change> changed = new LinkedHashMap<>();

  Untold(Followers followers, Upcasts upcasts) {
    this.followers = followers;
    this.upcasts = upcasts;
  }

  void wrote(String id, @Nullable Thing older, @Nullable Thing newer, double seq) {
    applied.add(new Write(seq, id, older, newer));
  }

  void undone(double seq) {
    if (!applied.isEmpty() && applied.peekLast().seq == seq) {
      applied.pollLast();
    }
  }

  /** Takes up what is durable by now. */
  void take(double durableSeq) {
    while (!applied.isEmpty() && applied.peek().seq <= durableSeq) {
      Write write = applied.poll();
      if (followers.isFollowed(write.id, write.older, write.newer)) {
        Change change = changed.get(write.id);
        if (change == null) {
          changed.put(write.id, new Change(write.id, write.older, write.newer, upcasts));
        } else {
          change.become(write.newer, upcasts);
        }
      }
    }
  }

  boolean hasChanges() {
    return !changed.isEmpty();
  }

  /** What has become durable since this was asked last. */
  List<Change> takeChanges() {
    List<Change> changes = new ArrayList<>(changed.values());
    changed = new LinkedHashMap<>();
    return changes;
  }

  /**
   * What is durable of the things whose newest version is not, by id: the version before the first
   * such write, which is null where there was no thing.
   */
  Map<String, Thing> hidden() {
    Map<String, Thing> hidden = new HashMap<>();
    for (Write write : applied) {
      if (!hidden.containsKey(write.id)) {
        hidden.put(write.id, write.older);
      }
    }
    return hidden;
  }

  void clear() {
    applied.clear();
    changed.clear();
  }
}
