package dev.unifiedstorage.store;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.Moment;
import dev.unifiedstorage.wal.Position;
import dev.unifiedstorage.wal.Seqs;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The things that there were at a moment, as a look into the archive tells their versions. */
final class ThingsThen {
  private final Moment moment;
  private final Seqs seqs;
  private final Map<String, Thing> things = new HashMap<>();

  /** Those of which an event behind the moment was seen. */
  private final Set<String> passed = new HashSet<>();

  private final double durableSeq;
  private final int undos;
  private Position last = new Position(0, 0);

  /** Begins with nothing, when the look begins. */
  ThingsThen(Moment moment, Seqs seqs) {
    this.moment = moment;
    this.seqs = seqs;
    this.durableSeq = seqs.durable();
    this.undos = seqs.undos();
  }

  /**
   * Takes the next version.
   *
   * @param thing null after a deletion
   * @return whether it is of the moment or before, by the clock
   */
  boolean take(Event event, @Nullable Thing thing) {
    String id = event.thingId();
    if (event.tsMs() > moment.untilMs()) {
      passed.add(id);
      return false;
    }
    if (!passed.contains(id)) {
      last = new Position(event.lifeId(), event.seq());
      if (thing == null) {
        things.remove(id);
      } else {
        things.put(id, thing);
      }
    }
    return true;
  }

  /** What it has is what there was at a position. */
  void reached(Position at) {
    last = at;
  }

  /** What there was, expired or not, by id. */
  Map<String, Thing> things() {
    return things;
  }

  /** The last event of the moment; 0 for none. */
  double lastSeq() {
    return last.seq();
  }

  /** Whether the last event was not durable when the look began, and writes were undone since. */
  boolean mayBeUndone() {
    return last.seq() > durableSeq && undos != seqs.undos();
  }

  /** What the moment is called in an answer. */
  String at(Json json) {
    return (moment.position() == null ? last : moment.position()).text(json);
  }

  /** What had expired by then is absent; a place in the log is no time, and has none: 0. */
  double expiredByMs() {
    return moment.untilMs() == Double.POSITIVE_INFINITY ? 0 : moment.untilMs();
  }
}
