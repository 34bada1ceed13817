package dev.unifiedstorage.store;

import dev.unifiedstorage.checkpoint.ThingFinder;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Ids;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Limits;
import dev.unifiedstorage.protocol.Operation;
import dev.unifiedstorage.protocol.Outcome;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.state.Entry;
import dev.unifiedstorage.state.Fields;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.Tombstone;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.Origin;
import java.util.List;

/**
 * Applies single operations to the state.
 *
 * <p>Each either changes the state and adds its event to the unit, or is refused and changes
 * nothing.
 */
final class Operations {
  /** A number such as 1e20 can take this many times more room printed than it took in a message. */
  private static final double MAX_GROWTH = 5;

  private final Things state;
  private final ThingFinder finder;
  private final Origin origin;
  private final Json json;
  private final Clock clock;
  private final Ids ids;

  Operations(Things state, ThingFinder finder, Origin origin, Ids ids) {
    this.state = state;
    this.finder = finder;
    this.origin = origin;
    this.json = origin.json();
    this.clock = origin.clock();
    this.ids = ids;
  }

  Outcome apply(Operation operation, Unit unit) {
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
    if (operation instanceof Operation.Malformed malformed) {
      return new Outcome.Refused(malformed.refusal(), 0);
    }
    throw new IllegalArgumentException("not a single operation");
  }

  private Outcome create(Operation.Create create, Unit unit) {
    String id = create.id();
    if (id != null) {
      Entry existing = finder.find(id);
      if (existing != null) {
        return conflict(existing.thing(), "expected no thing with $id " + id + ", there is one");
      }
    } else {
      id = ids.thingId(create.type());
      if (id.length() > Limits.NAME_CHARS) {
        return refused(
            ErrorCode.VALIDATION_ERROR,
            "expected a $type that leaves room for an $id made from it, or an $id in data");
      }
    }
    double seq = unit.nextSeq();
    Fields fields = Fields.of(create.data());
    int bytes = bytesOf(fields, create.bytes());
    Thing thing = measured(Thing.created(id, create.type(), fields, clock.nowMs(), seq, bytes));
    if (thing.bytes() > Limits.THING_BYTES) {
      return tooLarge(thing);
    }
    unit.add(Event.created(origin, thing, unit.epoch(), unit.joined()), state.put(thing));
    return new Outcome.Written(id, thing.version(), seq);
  }

  private Outcome update(Operation.Update update, Unit unit) {
    Entry entry = finder.find(update.id());
    if (entry == null) {
      return absent(update.id());
    }
    Thing older = entry.thing();
    if (update.ifVersion() != 0 && update.ifVersion() != older.version()) {
      return conflict(older, versionMismatch(update.ifVersion(), older));
    }
    double seq = unit.nextSeq();
    Fields changes = Fields.of(update.data());
    int bytes = bytesOf(changes, update.bytes());
    Thing thing = measured(older.updated(changes, clock.nowMs(), seq, bytes, json));
    if (thing.bytes() > Limits.THING_BYTES) {
      return tooLarge(thing);
    }
    unit.add(
        Event.updated(origin, thing, changes, bytes, unit.epoch(), unit.joined()),
        state.put(thing));
    return new Outcome.Written(thing.id(), thing.version(), seq);
  }

  private Outcome delete(Operation.Delete delete, Unit unit) {
    Entry entry = finder.find(delete.id());
    if (entry == null) {
      return delete.ifVersion() != 0
          ? absent(delete.id())
          : new Outcome.Done(seqOfAbsence(delete.id()));
    }
    Thing thing = entry.thing();
    if (delete.ifVersion() != 0 && delete.ifVersion() != thing.version()) {
      return conflict(thing, versionMismatch(delete.ifVersion(), thing));
    }
    double seq = unit.nextSeq();
    unit.add(
        Event.deleted(origin, thing, unit.epoch(), seq, clock.nowMs(), unit.joined()),
        state.remove(thing.id(), seq));
    return new Outcome.Done(seq);
  }

  private Outcome read(List<String> ids, Unit unit) {
    JsonWriter things = json.writer().raw("{");
    String separator = "";
    double seq = 0;
    for (String id : ids) {
      Entry entry = finder.find(id);
      if (entry == null) {
        seq = Math.max(seq, seqOfAbsence(id));
        continue;
      }
      Thing thing = state.get(id);
      seq = Math.max(seq, thing.seq());
      if (!unit.hasRoomToShow(thing.bytes())) {
        return refused(
            ErrorCode.PAYLOAD_TOO_LARGE,
            "expected things of at most "
                + Limits.REPLY_CHARS
                + " characters in one reply; read them in several requests");
      }
      things.raw(separator).string(id).raw(":");
      thing.writeTo(things, json);
      separator = ",";
    }
    return new Outcome.Found(things.raw("}"), seq);
  }

  /** The estimate, or what was measured, where one message has many operations. */
  private int bytesOf(Fields fields, int estimate) {
    return estimate == Operation.UNMEASURED ? fields.text(json).length() : estimate;
  }

  private Thing measured(Thing thing) {
    return thing.bytes() * MAX_GROWTH > Limits.THING_BYTES ? thing.measured(json) : thing;
  }

  private double seqOfAbsence(String id) {
    Tombstone tombstone = state.tombstone(id);
    return tombstone == null ? 0 : tombstone.seq();
  }

  private Outcome absent(String id) {
    Refusal refusal =
        Refusal.of(ErrorCode.NOT_FOUND, "expected a thing with $id " + id + ", there is none");
    return new Outcome.Refused(refusal, seqOfAbsence(id));
  }

  private Outcome conflict(Thing thing, String message) {
    return new Outcome.Refused(Refusal.conflict(message, thing.version(), json), thing.seq());
  }

  private static String versionMismatch(double expected, Thing thing) {
    return "expected "
        + thing.id()
        + " to have version "
        + (long) expected
        + ", it has "
        + (long) thing.version();
  }

  private static Outcome tooLarge(Thing thing) {
    return refused(
        ErrorCode.PAYLOAD_TOO_LARGE,
        "expected a thing of at most "
            + Limits.THING_BYTES
            + " bytes, "
            + thing.id()
            + " would have "
            + thing.bytes());
  }

  private static Outcome refused(ErrorCode code, String message) {
    return new Outcome.Refused(Refusal.of(code, message), 0);
  }
}
