package dev.unifiedstorage.past;

import dev.unifiedstorage.checkpoint.ThingFinder;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.session.Sessions;
import dev.unifiedstorage.state.Entry;
import dev.unifiedstorage.state.Fields;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.wal.Event;
import org.jspecify.annotations.Nullable;

/**
 * Applies events to a state, in the order of their seqs.
 *
 * <p>Seqs are contiguous: an event at or before the last applied one is a duplicate and counted,
 * one past the next is a gap and an error that names the missing range. So is an event that does
 * not fit the thing it changes: a wrong answer would be worse than none.
 */
public final class Replay {
  private final Things state;
  private final ThingFinder finder;
  private final Sessions sessions;
  private double appliedSeq;
  private double applied;
  private double appliedEpoch;
  private double duplicates;

  public Replay(Things state, ThingFinder finder, Sessions sessions, double appliedSeq) {
    this.state = state;
    this.sessions = sessions;
    this.finder = finder;
    this.appliedSeq = appliedSeq;
  }

  public double appliedSeq() {
    return appliedSeq;
  }

  /** Says that nothing up to this event counts: the store was deleted behind it. */
  public void beginAfter(double seq) {
    appliedSeq = seq;
  }

  /** The epoch of the last applied event, 0 when none was. */
  public double appliedEpoch() {
    return appliedEpoch;
  }

  public double applied() {
    return applied;
  }

  public double duplicates() {
    return duplicates;
  }

  public void apply(Event event) {
    if (event.seq() <= appliedSeq) {
      duplicates += event.verb().isFence() ? 0 : 1;
      return;
    }
    if (event.seq() != appliedSeq + 1) {
      throw new RecoveryException(
          "namespace "
              + event.origin().namespace()
              + ", epoch "
              + (long) event.epoch()
              + ": expected seq "
              + (long) (appliedSeq + 1)
              + ", found "
              + (long) event.seq()
              + ": events "
              + (long) (appliedSeq + 1)
              + " to "
              + (long) (event.seq() - 1)
              + " are missing");
    }
    switch (event.verb()) {
      case CREATED -> state.put(created(lookup(event.thingId()), event));
      case UPDATED -> state.put(updated(lookup(event.thingId()), event));
      case DELETED -> delete(event);
      default -> throw misfit(event, "a created, updated or deleted thing", event.name());
    }
    if (event.extras() != null && event.extras().session() != null) {
      remember(event, event.extras(), event.extras().session());
    }
    appliedSeq = event.seq();
    appliedEpoch = event.epoch();
    applied++;
  }

  /** Keeps what came of a client's numbered write. */
  private void remember(Event event, Event.Extras extras, String session) {
    Json json = event.origin().json();
    String tail = null;
    if (extras.batchIndex() == Event.Extras.NO_BATCH) {
      tail =
          event.verb() == Event.Verb.DELETED
              ? ",\"status\":\"ok\"}"
              : ",\"status\":\"ack\","
                  + json.writer().written(event.thingId(), event.version()).text().substring(1);
    }
    String key = Sessions.key(extras.sub(), session);
    sessions.replayed(key, extras.n(), tail, event.tsMs());
  }

  /** The first version of a thing, as its event says. */
  static Thing created(@Nullable Thing older, Event event) {
    if (older != null) {
      throw misfit(event, "no such thing", "version " + (long) older.version());
    }
    String text = event.fields().compact(event.origin().json());
    if (event.extras() != null && event.extras().isForked()) {
      return Thing.loaded(
              event.thingId(),
              event.thingType(),
              event.version(),
              event.extras().createdAtMs(),
              event.extras().updatedAtMs(),
              event.seq(),
              text)
          .expiring(event.expiresAtMs(0));
    }
    int size = text.length();
    return Thing.created(
            event.thingId(), event.thingType(), event.fields(), event.tsMs(), event.seq(), size)
        .expiring(event.expiresAtMs(0));
  }

  /** The version behind {@code older}, as its event says. */
  static Thing updated(@Nullable Thing older, Event event) {
    if (older == null || older.version() + 1 != event.version()) {
      String found = older == null ? "no such thing" : "version " + (long) older.version();
      throw misfit(event, "version " + (long) (event.version() - 1), found);
    }
    Json json = event.origin().json();
    Fields changes = event.fields();
    // As text it would be parsed again, to be merged.
    int size = changes.length(json);
    return older
        .updated(changes, event.tsMs(), event.seq(), size, json)
        .expiring(event.expiresAtMs(older.expiresAtMs()));
  }

  private void delete(Event event) {
    if (lookup(event.thingId()) == null) {
      throw misfit(event, "a thing to delete", "none");
    }
    state.remove(event.thingId(), event.seq(), event.tsMs());
  }

  private @Nullable Thing lookup(String id) {
    Entry entry = finder.find(id);
    return entry == null ? null : entry.thing();
  }

  private static RecoveryException misfit(Event event, String expected, String found) {
    return new RecoveryException(
        "namespace "
            + event.origin().namespace()
            + ", epoch "
            + (long) event.epoch()
            + ", seq "
            + (long) event.seq()
            + ": "
            + event.name()
            + " of "
            + event.entityId()
            + " expected "
            + expected
            + ", found "
            + found);
  }
}
