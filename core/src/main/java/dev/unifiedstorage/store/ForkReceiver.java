package dev.unifiedstorage.store;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.checkpoint.Committer;
import dev.unifiedstorage.checkpoint.Trigger;
import dev.unifiedstorage.past.Moments;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.state.Fields;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.Origin;
import dev.unifiedstorage.wal.WriteAheadLog;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Begins this store as a copy of another one, which {@link StoreFork} hands over in parts.
 *
 * <p>All or nothing: the parts wait in memory, and the last one makes of them a life that begins
 * with {@code store.forked}, an event for each thing, and one transaction that has all of it. Only
 * a store without things becomes a copy.
 */
final class ForkReceiver {
  /** How much is taken in, in characters. */
  private static final double MOST_CHARS = 64 * 1024 * 1024;

  /** A sender that is silent so long has died, and makes room for another one. */
  private static final double SILENT_MS = 60_000;

  private final Things state;
  private final WriteAheadLog wal;
  private final Committer committer;
  private final Origin origin;
  private final Clock clock;
  private final Json json;
  private final Moments moments;
  private final ErrorContext about;
  private Optional<Incoming> incoming = Optional.empty();

  /** The parts that have come. */
  private static final class Incoming {
    final double key;
    final String from;
    final List<String> parts = new ArrayList<>();
    double chars;
    double heardAtMs;

    Incoming(double key, String from, double heardAtMs) {
      this.key = key;
      this.from = from;
      this.heardAtMs = heardAtMs;
    }
  }

  ForkReceiver(
      Things state, WriteAheadLog wal, Committer committer, Origin origin, ErrorContext about) {
    this.state = state;
    this.wal = wal;
    this.committer = committer;
    this.origin = origin;
    this.clock = origin.clock();
    this.json = origin.json();
    this.moments = new Moments(wal.seqs(), json, about);
    this.about = about;
  }

  /** Whether nothing is being taken in from a sender that lives. */
  boolean isIdle() {
    return incoming.isEmpty() || isSilent(incoming.get());
  }

  private boolean isSilent(Incoming one) {
    double silentMs = clock.nowMs() - one.heardAtMs;
    return silentMs >= SILENT_MS || silentMs < 0;
  }

  /** Takes what another store has told. */
  void receive(String text, Consumer<String> answer) {
    int line = text.indexOf('\n');
    JsonObject message = json.parse(line < 0 ? text : text.substring(0, line));
    double key = message.number("key");
    String step = message.string("fork");
    if (step.equals("begin")) {
      begin(key, message.string("from"), answer);
      return;
    }
    if (incoming.isEmpty() || incoming.get().key != key) {
      refuse(ErrorCode.UNAVAILABLE, "the fork broke off in between; ask again", answer);
      return;
    }
    Incoming one = incoming.get();
    one.heardAtMs = clock.nowMs();
    if (step.equals("part")) {
      take(one, message.number("part"), text.substring(line + 1), answer);
    } else {
      incoming = Optional.empty();
      end(one, message.number("parts"), answer);
    }
  }

  private void begin(double key, String from, Consumer<String> answer) {
    if (!isIdle()) {
      refuse(ErrorCode.CONFLICT, "another fork to this namespace is under way", answer);
    } else if (state.size() > 0) {
      hasData(answer);
    } else {
      incoming = Optional.of(new Incoming(key, from, clock.nowMs()));
      answer.accept("{}");
    }
  }

  private void take(Incoming one, double index, String text, Consumer<String> answer) {
    one.chars += text.length();
    if (index != one.parts.size() || one.chars > MOST_CHARS) {
      incoming = Optional.empty();
      refuse(
          ErrorCode.UNAVAILABLE,
          one.chars > MOST_CHARS
              ? "expected a store of at most " + (long) MOST_CHARS + " characters"
              : "expected part " + one.parts.size() + " of the fork, got " + (long) index,
          answer);
      return;
    }
    one.parts.add(text);
    answer.accept("{}");
  }

  private void end(Incoming one, double parts, Consumer<String> answer) {
    if (state.size() > 0) {
      hasData(answer);
      return;
    }
    if (parts != one.parts.size()) {
      refuse(
          ErrorCode.UNAVAILABLE,
          "expected " + (long) parts + " parts of the fork, got " + one.parts.size(),
          answer);
      return;
    }
    Optional<String> error;
    try {
      error = become(one);
    } catch (RuntimeException e) {
      error = Optional.of(String.valueOf(e.getMessage()));
    }
    if (error.isPresent()) {
      refuse(ErrorCode.UNAVAILABLE, error.get(), answer);
      return;
    }
    JsonWriter done = json.writer().raw("{\"things\":").number(state.size());
    done.raw(",\"at\":").string(moments.now(wal.seqs().applied())).raw("}");
    answer.accept(done.text());
  }

  /** Makes this store what the parts say; why it could not, with nothing changed. */
  private Optional<String> become(Incoming one) {
    BodyLines lines = new BodyLines();
    Iterator<String> parts = one.parts.iterator();
    JsonObject header = json.parse(Objects.requireNonNull(next(lines, parts)));
    String from = Event.forkedFrom(json, one.from, header.string("at"));
    Optional<RuntimeException> error = committer.begin(Event.Verb.STORE_FORKED, from);
    if (error.isPresent()) {
      return Optional.of(String.valueOf(error.get().getMessage()));
    }
    // One transaction has all of it, or nothing was.
    wal.outgoing().beginOutage();
    Unit unit = new Unit(wal, false, Grant.ALL, 0);
    double things = 0;
    boolean ended = false;
    try {
      for (String text = next(lines, parts); text != null; text = next(lines, parts)) {
        JsonObject line = json.parse(text);
        if (line.kind("end") != JsonKind.ABSENT && line.kind(Thing.ID) == JsonKind.ABSENT) {
          ended = line.number("things") == things;
        } else {
          things++;
          Thing thing = thing(line, unit.nextSeq());
          unit.add(Event.forked(origin, thing, unit.life(), unit.nowMs(clock)), state.put(thing));
        }
      }
    } catch (RuntimeException e) {
      rollback(unit);
      throw e;
    }
    if (!ended) {
      rollback(unit);
      return Optional.of("the export of " + one.from + " broke off");
    }
    unit.commit();
    if (!committer.log()) {
      return Optional.of("the event log could not be written");
    }
    Optional<RuntimeException> failed = committer.checkpoint(Trigger.MANUAL).error();
    // Where only the checkpoint fails the log has everything; of no things it has nothing.
    return things > 0 ? Optional.empty() : failed.map(why -> String.valueOf(why.getMessage()));
  }

  /** The life that was to begin as a copy never was either: the next write is no part of one. */
  private void rollback(Unit unit) {
    unit.rollback();
    wal.forgetUnrecorded();
  }

  /** The next whole line, from as many parts as it takes; null behind the last one. */
  private static @Nullable String next(BodyLines lines, Iterator<String> parts) {
    String line = lines.next();
    while (line == null && parts.hasNext()) {
      lines.add(parts.next());
      line = lines.next();
    }
    return line;
  }

  private Thing thing(JsonObject line, double seq) {
    double expiresAtMs =
        line.kind(Thing.EXPIRES_AT) == JsonKind.NUMBER ? line.number(Thing.EXPIRES_AT) : 0;
    String id = line.string(Thing.ID);
    String type = line.string(Thing.TYPE);
    double version = line.number(Thing.VERSION);
    double createdAtMs = line.number(Thing.CREATED_AT);
    double updatedAtMs = line.number(Thing.UPDATED_AT);
    line.remove(Thing.EXPIRES_AT);
    String fields = json.writer().object(Fields.withoutSystemFields(line)).text();
    return Thing.loaded(id, type, version, createdAtMs, updatedAtMs, seq, fields)
        .expiring(expiresAtMs);
  }

  private void hasData(Consumer<String> answer) {
    refuse(ErrorCode.CONFLICT, "expected a namespace without things, it has some", answer);
  }

  private void refuse(ErrorCode code, String error, Consumer<String> answer) {
    answer.accept(ReplyWriter.httpError(code.name(), about.apply(error), json));
  }
}
