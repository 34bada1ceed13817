package dev.unifiedstorage.store;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.layout.CorruptRowException;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.HttpBody;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.SqlException;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Operation;
import dev.unifiedstorage.protocol.Outcome;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.Request;
import dev.unifiedstorage.protocol.RequestReader;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.UpcastException;
import dev.unifiedstorage.state.Upcasts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Answers {@code POST import}: the things of a body, written group by group as any other writes.
 *
 * <p>A group is one unit that is not atomic; the next one is read once it is durable. What has to
 * wait, because too much waits for the Pipeline or the state is being made anew, waits here.
 */
final class Imports {
  /** How many there may be at once. */
  private static final int MOST = 8;

  /** How often it is looked whether there is room. */
  private static final double LOOK_MS = 50;

  private static final String EXPIRES_AT = Thing.EXPIRES_AT;

  private final RequestHandler handler;
  private final Operations operations;
  private final Upcasts upcasts;
  private final Lifecycle lifecycle;
  private final RequestReader reader;
  private final Timers timers;
  private final Clock clock;
  private final Json json;
  private final StoreObserver observer;
  private final Readiness readiness;
  private final Runnable turn;
  private final ErrorContext about;
  private final List<Import> running = new ArrayList<>();

  /**
   * @param reader leaves writes unread where the application has a say in them
   * @param turn does what is due, behind a part of a body that comes later
   */
  Imports(
      Assembly parts, RequestReader reader, StorePorts ports, Readiness readiness, Runnable turn) {
    this.handler = parts.handler();
    this.operations = parts.operations();
    this.upcasts = parts.upcasts();
    this.lifecycle = parts.lifecycle();
    this.reader = reader;
    this.timers = parts.turns().timers(ports.timers());
    this.clock = ports.clock();
    this.json = ports.json();
    this.observer = ports.observer();
    this.about = parts.about();
    this.readiness = readiness;
    this.turn = turn;
  }

  boolean isIdle() {
    for (Import one : running) {
      if (!one.isOver()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Begins to answer a request; the turn goes on with it.
   *
   * @param put whether things may be replaced
   * @param grant what the client may do: that it may import was found before
   */
  void begin(HttpBody body, boolean put, Grant grant, HttpReply reply) {
    Import one = new Import(body, put, grant.withAllScopes(), reply, json, turn);
    if (!lifecycle.isRunning()) {
      one.refuse(readiness.notRunning());
    } else if (running.size() >= MOST) {
      one.refuse(overloaded("too many imports are under way"));
    } else {
      running.add(one);
    }
  }

  private Refusal overloaded(String why) {
    return Refusal.overloaded(about.apply(why), json);
  }

  /** Whether one of them can go on at once. */
  boolean isDue() {
    for (Import one : running) {
      if (one.isDue()) {
        return true;
      }
    }
    return false;
  }

  /** Writes at most a group of each. */
  void turn() {
    for (int i = running.size() - 1; i >= 0; i--) {
      Import one = running.get(i);
      if (one.isDue()) {
        goOn(one);
      }
      if (one.isOver()) {
        running.remove(one);
      }
    }
  }

  private void goOn(Import one) {
    if (!one.read()) {
      return;
    }
    if (lifecycle.isRecovering() || !handler.hasRoom(2 * one.group().size(), one.groupChars())) {
      // What is asked of a store that has no room is put off, and no failure.
      one.pause();
      timers.after(LOOK_MS, one::goOn);
    } else if (!lifecycle.isRunning()) {
      one.refuse(readiness.notRunning());
    } else {
      write(one);
    }
  }

  private void write(Import one) {
    Optional<RuntimeException> error = handler.prepareWrite();
    if (error.isPresent()) {
      one.refuse(unavailable(String.valueOf(error.get().getMessage())));
      return;
    }
    Unit unit = handler.newUnit(one.grant());
    Import.Tally tally = new Import.Tally();
    try {
      for (Import.Line line : one.group()) {
        write(line, one.replaces(), unit, tally);
      }
    } catch (SqlException | CorruptRowException e) {
      unit.rollback();
      one.refuse(unavailable(String.valueOf(e.getMessage())));
      return;
    } catch (RuntimeException e) {
      unit.rollback();
      String message = about.apply("an import failed: " + e);
      observer.error(message);
      one.refuse(Refusal.of(ErrorCode.INTERNAL_ERROR, message));
      return;
    }
    one.pause();
    Written written = new Written(one, tally);
    handler.commit(written, written.reply, Request.NO_ID, unit);
  }

  private Refusal unavailable(String message) {
    return Refusal.of(ErrorCode.UNAVAILABLE, about.apply(message));
  }

  private void write(Import.Line line, boolean replaces, Unit unit, Import.Tally tally) {
    double nowMs = unit.nowMs(clock);
    JsonObject thing = line.thing();
    double expiresAtMs = 0;
    if (thing.kind(EXPIRES_AT) != JsonKind.ABSENT) {
      expiresAtMs = thing.kind(EXPIRES_AT) == JsonKind.NUMBER ? thing.number(EXPIRES_AT) : -1;
      if (!(expiresAtMs >= 1) || Math.floor(expiresAtMs) != expiresAtMs) {
        tally.fail(line.number(), wrongExpiry(thing));
        return;
      }
      if (expiresAtMs <= nowMs) {
        // It is absent, there as here.
        tally.unchanged++;
        return;
      }
    }
    JsonObject message = json.object().set("type", "put");
    copy("$type", thing, message);
    copy("$id", thing, message);
    double form;
    try {
      JsonObject data = upcasts.imported(thing);
      form = Upcasts.formOf(data);
      message.set("data", data);
    } catch (UpcastException e) {
      String error = String.valueOf(e.getMessage());
      tally.fail(line.number(), Refusal.of(ErrorCode.INTERNAL_ERROR, error));
      return;
    }
    if (expiresAtMs > 0) {
      message.set("expiresInMs", expiresAtMs - nowMs);
    }
    // What an upcaster has made of a line may be longer.
    int bytes = form > 0 ? Operation.UNMEASURED : line.chars();
    Operation operation = handler.judged(reader.readOnePut(message, bytes));
    if (form > 0 && operation instanceof Operation.Put put) {
      // Who read the line has dropped it, as from every client's data. Those may be the
      // application's own by now.
      operation = put.with(json.object().setAll(put.data()).set(Upcasts.FORM, form));
    }
    Thing existing =
        operation instanceof Operation.Put put ? operations.find(put.id(), unit.grant()) : null;
    if (existing != null) {
      unit.shows(existing.seq());
      if (isSame(existing, (Operation.Put) operation, nowMs)) {
        tally.unchanged++;
        return;
      }
      if (!replaces) {
        String error = "expected no thing with $id " + existing.id() + ", there is another one";
        tally.fail(line.number(), Refusal.conflict(error, existing.version(), json));
        return;
      }
    }
    Outcome outcome = operations.apply(operation, unit);
    unit.shows(outcome.seq());
    if (outcome instanceof Outcome.Refused refused) {
      tally.fail(line.number(), refused.refusal());
    } else if (existing == null) {
      tally.created++;
    } else {
      tally.replaced++;
    }
  }

  private Refusal wrongExpiry(JsonObject line) {
    return Refusal.ofMember(line, EXPIRES_AT, "a whole number of milliseconds", json);
  }

  private static void copy(String name, JsonObject from, JsonObject to) {
    if (from.kind(name) != JsonKind.ABSENT) {
      to.copy(name, from);
    }
  }

  private boolean isSame(Thing thing, Operation.Put put, double nowMs) {
    double inMs = put.expiresInMs();
    double expiresAtMs = inMs == Operation.NEVER_EXPIRES ? 0 : nowMs + inMs;
    JsonObject data = upcasts.stamped(put.type(), put.data(), thing);
    return Draft.isSame(thing, put.type(), data, expiresAtMs, json);
  }

  /** Hears from the gate when a group is durable, or was undone. */
  private final class Written implements Connection {
    private final JsonWriter reply = json.writer();
    private final Import of;
    private final Import.Tally tally;

    Written(Import of, Import.Tally tally) {
      this.of = of;
      this.tally = tally;
    }

    @Override
    public void send(JsonWriter sent) {
      if (sent == reply) {
        of.written(tally);
      } else {
        of.refuse(unavailable("a group could not be made durable and was undone"));
      }
    }

    @Override
    public void send(String text) {
      throw new IllegalStateException("only the gate sends here");
    }
  }
}
