package dev.unifiedstorage.store;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.checkpoint.ThingFinder;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Ids;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Limits;
import dev.unifiedstorage.protocol.Operation;
import dev.unifiedstorage.protocol.Outcome;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.schema.Misfit;
import dev.unifiedstorage.schema.Schemas;
import dev.unifiedstorage.state.Entry;
import dev.unifiedstorage.state.Expiries;
import dev.unifiedstorage.state.Fields;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.Tombstone;
import dev.unifiedstorage.state.UpcastException;
import dev.unifiedstorage.state.Upcasts;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.Origin;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Applies single operations to the state.
 *
 * <p>Each either changes the state and adds its event to the unit, or is refused and changes
 * nothing.
 */
final class Operations {
  /** Of shorter fields there is room for many whatever their characters take. */
  private static final int LONG_BYTES = 4096;

  private final Things state;
  private final ThingFinder finder;
  private final Origin origin;
  private final Json json;
  private final Clock clock;
  private final Ids ids;
  private final @Nullable Schemas schemas;
  private final Upcasts upcasts;
  private final Quotas quotas;

  /**
   * @param schemas what things have to be, or null for anything
   */
  Operations(
      Things state,
      ThingFinder finder,
      Origin origin,
      Ids ids,
      @Nullable Schemas schemas,
      Upcasts upcasts,
      Quotas quotas) {
    this.state = state;
    this.finder = finder;
    this.origin = origin;
    this.json = origin.json();
    this.clock = origin.clock();
    this.ids = ids;
    this.schemas = schemas;
    this.upcasts = upcasts;
    this.quotas = quotas;
  }

  Outcome apply(Operation operation, Unit unit) {
    Refusal forbidden = unit.grant().refusal(operation);
    if (forbidden != null) {
      return new Outcome.Refused(forbidden, 0);
    }
    if (operation instanceof Operation.Create create) {
      return create(create, unit);
    }
    if (operation instanceof Operation.Update update) {
      return update(update, unit);
    }
    if (operation instanceof Operation.Delete delete) {
      return delete(delete, unit);
    }
    if (operation instanceof Operation.Read read) {
      return read(read.ids(), unit);
    }
    if (operation instanceof Operation.Put put) {
      return put(put, unit);
    }
    if (operation instanceof Operation.Check check) {
      return check(check, unit);
    }
    if (operation instanceof Operation.Malformed malformed) {
      return new Outcome.Refused(malformed.refusal(), 0);
    }
    throw new IllegalArgumentException("not a single operation");
  }

  /** A thing, which counts as used, or null when there is none that the client may see. */
  @Nullable Thing find(String id, Grant grant) {
    Entry entry = finder.find(id);
    boolean seen =
        entry != null && !isExpired(entry, clock.nowMs()) && grant.shows(entry.thing().type());
    return seen ? upcasts.view(Objects.requireNonNull(state.get(id))) : null;
  }

  /** The entry of a thing, or null when there is none that has not expired and may be seen. */
  private @Nullable Entry find(String id, Unit unit) {
    Entry entry = finder.find(id);
    boolean seen =
        entry != null && !isExpired(entry, unit) && unit.grant().shows(entry.thing().type());
    return seen ? entry : null;
  }

  private boolean isExpired(Entry entry, Unit unit) {
    return entry.collection().mayExpire() && isExpired(entry, unit.nowMs(clock));
  }

  private static boolean isExpired(Entry entry, double nowMs) {
    if (!entry.collection().mayExpire()) {
      return false;
    }
    double atMs = entry.expiresAtMs();
    return atMs != 0 && atMs <= nowMs;
  }

  /** Deletes a thing because it has expired. */
  void expire(Entry entry, Unit unit) {
    Thing thing = entry.thing();
    double seq = unit.nextSeq();
    unit.add(
        Event.expired(origin, thing, unit.life(), seq, unit.nowMs(clock), unit.joined()),
        Objects.requireNonNull(state.remove(thing.id(), seq, unit.nowMs(clock))));
  }

  private double expiresAtMs(double inMs, Unit unit) {
    return inMs == Operation.NEVER_EXPIRES ? 0 : unit.nowMs(clock) + inMs;
  }

  private Outcome create(Operation.Create create, Unit unit) {
    String id = create.id();
    Entry expired = null;
    if (id != null) {
      Entry existing = finder.find(id);
      if (existing != null && isExpired(existing, unit)) {
        expired = existing;
      } else if (existing != null) {
        return unit.grant().shows(existing.thing().type())
            ? conflict(existing.thing(), "expected no thing with $id " + id + ", there is one")
            : taken(id, existing.thing());
      }
    } else {
      id = ids.thingId(create.type());
      if (id.length() > Limits.NAME_CHARS) {
        return refused(
            ErrorCode.VALIDATION_ERROR,
            "$type must leave room for an $id made from it where data has no $id, got one of "
                + create.type().length()
                + " characters");
      }
    }
    double expiresAtMs = expiresAtMs(create.expiresInMs(), unit);
    return create(
        id,
        create.type(),
        create.data(),
        create.bytes(),
        expiresAtMs,
        create.returns(),
        expired,
        unit);
  }

  /**
   * Makes a thing.
   *
   * @param expired what has its id and has expired: the same change deletes it first; null for
   *     nothing. In a store that is full to the last thing another one that has expired is deleted
   *     in its place, for it counts no more
   */
  private Outcome create(
      String id,
      String type,
      JsonObject data,
      int dataBytes,
      double expiresAtMs,
      boolean returns,
      @Nullable Entry expired,
      Unit unit) {
    if (expired == null && quotas.isAtMaxThings()) {
      expired = firstExpired(unit.nowMs(clock));
    }
    double seq = unit.nextSeq() + (expired == null ? 0 : 1);
    JsonObject stamped = upcasts.stamped(type, data, null);
    Fields fields = Fields.of(stamped);
    int bytes = bytesOf(fields, stamped == data ? dataBytes : Operation.UNMEASURED);
    findWidth(fields, bytes);
    Thing created = Thing.created(id, type, fields, unit.nowMs(clock), seq, bytes);
    Thing thing = measured(created.expiring(expiresAtMs));
    if (thing.bytes() > Limits.THING_BYTES) {
      return tooLarge(thing, seqOfAbsence(id));
    }
    Refusal misfit = misfit(thing);
    if (misfit != null) {
      return new Outcome.Refused(misfit, seqOfAbsence(id));
    }
    Refusal full =
        expired == null
            ? quotas.refusal(1, thing.bytes())
            : quotas.refusal(0, (double) thing.bytes() - expired.thing().bytes());
    if (full != null) {
      return new Outcome.Refused(full, unit.nextSeq() - 1);
    }
    if (expired != null) {
      expire(expired, unit);
    }
    boolean joined = expired != null || unit.joined();
    unit.add(Event.created(origin, thing, unit.life(), joined), state.put(thing));
    return written(thing, returns, unit);
  }

  /** What has expired first of all things that have, or null. */
  private @Nullable Entry firstExpired(double nowMs) {
    Expiries expiries = state.expiries();
    if (expiries.nearestMs() > nowMs) {
      return null;
    }
    if (expiries.firstUntil(nowMs) == null) {
      finder.refillExpiries();
    }
    String id = expiries.firstUntil(nowMs);
    return id == null ? null : finder.find(id);
  }

  private Outcome update(Operation.Update update, Unit unit) {
    Entry entry = find(update.id(), unit);
    if (entry == null) {
      return absent(update.id());
    }
    Thing stored = entry.thing();
    if (update.ifVersion() != Operation.ANY_VERSION && update.ifVersion() != stored.version()) {
      return conflict(stored, versionMismatch(update.ifVersion(), stored));
    }
    Thing older;
    try {
      older = upcasts.upcast(stored);
    } catch (UpcastException e) {
      String message = String.valueOf(e.getMessage());
      return new Outcome.Refused(Refusal.of(ErrorCode.INTERNAL_ERROR, message), stored.seq());
    }
    Fields changes;
    int bytes;
    if (update.edits() == null) {
      changes = Fields.of(Objects.requireNonNull(update.data()));
      bytes = bytesOf(changes, update.bytes());
    } else {
      JsonObject data = update.data();
      Draft draft =
          new Draft(older, data, data == null ? 0 : bytesOf(Fields.of(data), update.bytes()), json);
      if (!draft.apply(update.edits())) {
        return new Outcome.Refused(Objects.requireNonNull(draft.refusal()), older.seq());
      }
      changes = draft.change();
      bytes = changes.length(json) + lengthOf(changes.unset());
    }
    findWidth(changes, bytes);
    double seq = unit.nextSeq();
    Thing thing = older.updated(changes, unit.nowMs(clock), seq, bytes, json);
    if (older != stored) {
      // The event says all that differs from what the log has, and a replay needs no upcaster.
      changes = Draft.replacement(stored, thing.fields().object(json), json);
      bytes = changes.length(json) + lengthOf(changes.unset());
      thing = stored.updated(changes, unit.nowMs(clock), seq, bytes, json);
    }
    double expiresInMs = update.expiresInMs();
    if (expiresInMs != Operation.KEEP_EXPIRY) {
      thing = thing.expiring(expiresAtMs(expiresInMs, unit));
    }
    // What it grows by is asked of what the client has seen.
    return change(older, thing, changes, bytes, update.returns(), unit);
  }

  /** The refusal of a thing that is not what its type has to be, or null. */
  private @Nullable Refusal misfit(Thing thing) {
    Misfit misfit =
        schemas == null
            ? null
            : schemas.misfit(thing.type(), upcasts.unstamped(thing.fields().object(json)));
    if (misfit == null) {
      return null;
    }
    String message =
        "expected " + thing.id() + " to fit the schema of " + thing.type() + ": " + misfit.first();
    String details = "{\"errors\":" + misfit.errors() + "}";
    return new Refusal(ErrorCode.VALIDATION_ERROR, message, details);
  }

  /** Puts the next version of a thing in its place. */
  private Outcome change(
      Thing older, Thing next, Fields changes, int bytes, boolean returns, Unit unit) {
    Thing thing = measured(next);
    if (thing.bytes() > Limits.THING_BYTES) {
      return tooLarge(thing, older.seq());
    }
    Refusal misfit = misfit(thing);
    if (misfit != null) {
      return new Outcome.Refused(misfit, older.seq());
    }
    Refusal full = quotas.refusal(0, (double) thing.bytes() - older.bytes());
    if (full != null) {
      // Sizes are estimated upwards, and what does not grow a thing is never refused.
      thing = thing.measured(json);
      full = quotas.refusal(0, (double) thing.bytes() - older.measured(json).bytes());
    }
    if (full != null) {
      return new Outcome.Refused(full, unit.nextSeq() - 1);
    }
    double expiresAtMs = thing.expiresAtMs();
    double expiry = expiresAtMs == older.expiresAtMs() ? Event.UNCHANGED : expiresAtMs;
    unit.add(
        Event.updated(origin, thing, changes, bytes, expiry, unit.life(), unit.joined()),
        state.put(thing));
    return written(thing, returns, unit);
  }

  private Outcome put(Operation.Put put, Unit unit) {
    double expected = put.ifVersion();
    Entry entry = finder.find(put.id());
    double expiresAtMs = expiresAtMs(put.expiresInMs(), unit);
    if (entry == null || isExpired(entry, unit)) {
      return expected > 0
          ? conflictWithAbsence(put.id(), expected)
          : create(
              put.id(),
              put.type(),
              put.data(),
              put.bytes(),
              expiresAtMs,
              put.returns(),
              entry,
              unit);
    }
    Thing older = entry.thing();
    if (!unit.grant().shows(older.type())) {
      return taken(put.id(), older);
    }
    if (expected != Operation.ANY_VERSION && expected != older.version()) {
      return conflict(older, versionMismatch(expected, older));
    }
    if (!put.type().equals(older.type())) {
      return conflict(
          older,
          "expected " + older.id() + " to have $type " + put.type() + ", it has " + older.type());
    }
    JsonObject data = upcasts.stamped(older.type(), put.data(), older);
    Fields changes = Draft.replacement(older, data, json);
    int bytes = changes.length(json) + lengthOf(changes.unset());
    int size = bytesOf(Fields.of(data), data == put.data() ? put.bytes() : Operation.UNMEASURED);
    findWidth(changes, bytes);
    double seq = unit.nextSeq();
    Thing thing = older.replaced(changes, unit.nowMs(clock), seq, size, json).expiring(expiresAtMs);
    return change(older, thing, changes, bytes, put.returns(), unit);
  }

  private Outcome check(Operation.Check check, Unit unit) {
    Entry entry = find(check.id(), unit);
    if (entry == null) {
      return check.ifVersion() == 0
          ? new Outcome.Done(seqOfAbsence(check.id()))
          : conflictWithAbsence(check.id(), check.ifVersion());
    }
    Thing thing = entry.thing();
    return check.ifVersion() == thing.version()
        ? new Outcome.Done(thing.seq())
        : conflict(thing, versionMismatch(check.ifVersion(), thing));
  }

  private Outcome written(Thing thing, boolean returns, Unit unit) {
    if (!returns) {
      return new Outcome.Written(thing.id(), thing.version(), thing.seq());
    }
    JsonWriter shown = json.writer();
    thing.writeTo(shown, json);
    boolean fits = unit.hasRoomToReturn(shown, json);
    return new Outcome.Returned(thing.id(), thing.version(), fits ? shown : null, thing.seq());
  }

  private Outcome delete(Operation.Delete delete, Unit unit) {
    Entry entry = find(delete.id(), unit);
    if (entry == null) {
      return delete.ifVersion() != Operation.ANY_VERSION
          ? absent(delete.id())
          : new Outcome.Done(seqOfAbsence(delete.id()));
    }
    Thing thing = entry.thing();
    if (delete.ifVersion() != Operation.ANY_VERSION && delete.ifVersion() != thing.version()) {
      return conflict(thing, versionMismatch(delete.ifVersion(), thing));
    }
    double seq = unit.nextSeq();
    unit.add(
        Event.deleted(origin, thing, unit.life(), seq, unit.nowMs(clock), unit.joined()),
        Objects.requireNonNull(state.remove(thing.id(), seq, unit.nowMs(clock))));
    return new Outcome.Done(seq);
  }

  private Outcome read(List<String> ids, Unit unit) {
    JsonWriter things = json.writer().raw("{");
    String separator = "";
    double seq = 0;
    for (String id : ids) {
      Entry entry = find(id, unit);
      if (entry == null) {
        seq = Math.max(seq, seqOfAbsence(id));
        continue;
      }
      Thing thing = upcasts.view(Objects.requireNonNull(state.get(id)));
      seq = Math.max(seq, thing.seq());
      if (!unit.hasRoomToShow(thing.bytes())) {
        return noRoomFor(ids, unit);
      }
      things.raw(separator).string(id).raw(":");
      thing.writeTo(things, json);
      separator = ",";
    }
    return unit.mayShow(things.raw("}"), json) ? new Outcome.Found(things, seq) : tooLarge();
  }

  /** A read that is too large for any reply, or only for what is left of a frame's. */
  private Outcome noRoomFor(List<String> ids, Unit unit) {
    if (unit.isLimitedByFrame()) {
      double bytes = 0;
      for (String id : ids) {
        Entry entry = bytes > Limits.REPLY_BYTES ? null : find(id, unit);
        bytes += entry == null ? 0 : upcasts.view(entry.thing()).bytes();
      }
      if (bytes <= Limits.REPLY_BYTES) {
        return new Outcome.Refused(Refusal.frameIsFull(json), 0);
      }
    }
    return tooLarge();
  }

  private static Outcome tooLarge() {
    return refused(
        ErrorCode.PAYLOAD_TOO_LARGE,
        "expected things of at most "
            + Limits.REPLY_BYTES
            + " bytes in one reply; read them in several requests");
  }

  /** The estimate, or what was measured, where one message has many operations. */
  private int bytesOf(Fields fields, int estimate) {
    return estimate == Operation.UNMEASURED ? fields.text(json).length() : estimate;
  }

  /** What is long is counted as it is before it is in a row: a few of them are a part of memory. */
  private void findWidth(Fields fields, int bytes) {
    if (bytes > LONG_BYTES) {
      fields.findWidth(json);
    }
  }

  private static int lengthOf(List<String> names) {
    int length = 0;
    for (String name : names) {
      length += name.length() + 3;
    }
    return length;
  }

  private Thing measured(Thing thing) {
    return thing.bytes() * Size.MAX_GROWTH > Limits.THING_BYTES ? thing.measured(json) : thing;
  }

  /**
   * The seq of what an absence shows, 0 when there is nothing to show: the deletion, or the event
   * that says when the thing has expired.
   */
  double seqOfAbsence(String id) {
    Entry expired = state.entry(id);
    if (expired != null) {
      return expired.thing().seq();
    }
    Tombstone tombstone = state.tombstone(id);
    return tombstone == null ? 0 : tombstone.seq();
  }

  private Outcome absent(String id) {
    Refusal refusal = Refusal.of(ErrorCode.NOT_FOUND, "there is no thing with $id " + id);
    return new Outcome.Refused(refusal, seqOfAbsence(id));
  }

  private Outcome conflictWithAbsence(String id, double expected) {
    String message =
        "expected " + id + " to have version " + (long) expected + ", there is no such thing";
    return new Outcome.Refused(Refusal.conflict(message, 0, json), seqOfAbsence(id));
  }

  /** The id is that of a thing which the client may not see, so nothing else is said of it. */
  private Outcome taken(String id, Thing hidden) {
    String message = "expected an $id that is free, " + id + " is taken";
    return new Outcome.Refused(Refusal.conflict(message, 0, json), hidden.seq());
  }

  private Outcome conflict(Thing thing, String message) {
    return new Outcome.Refused(Refusal.conflict(message, thing.version(), json), thing.seq());
  }

  private static String versionMismatch(double expected, Thing thing) {
    if (expected == 0) {
      return "expected no thing with $id " + thing.id() + ", there is one";
    }
    return "expected "
        + thing.id()
        + " to have version "
        + (long) expected
        + ", it has "
        + (long) thing.version();
  }

  /**
   * The refusal of a thing that is too large.
   *
   * @param seq the last event that the refusal shows the effect of
   */
  private static Outcome tooLarge(Thing thing, double seq) {
    String message =
        "expected a thing of at most "
            + Limits.THING_BYTES
            + " bytes, "
            + thing.id()
            + " would have "
            + thing.bytes();
    return new Outcome.Refused(Refusal.of(ErrorCode.PAYLOAD_TOO_LARGE, message), seq);
  }

  private static Outcome refused(ErrorCode code, String message) {
    return new Outcome.Refused(Refusal.of(code, message), 0);
  }
}
