package dev.unifiedstorage.store;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.checkpoint.ThingFinder;
import dev.unifiedstorage.past.ArchiveHistory;
import dev.unifiedstorage.past.Moments;
import dev.unifiedstorage.past.PastReader;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.HttpBody;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Outcome;
import dev.unifiedstorage.protocol.Query;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.protocol.RequestReader;
import dev.unifiedstorage.query.Mismatch;
import dev.unifiedstorage.query.Value;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.state.Upcasts;
import dev.unifiedstorage.state.Walk;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.Moment;
import dev.unifiedstorage.wal.Position;
import dev.unifiedstorage.wal.Seqs;
import dev.unifiedstorage.wal.WriteAheadLog;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Answers {@code GET export}: all things as they were at one moment, while writes go on.
 *
 * <p>The moment is that of the last durable event, so an export shows nothing that could still be
 * lost, and has to wait for nothing. What is asked about the past comes from the archive, as that
 * of a query does.
 */
final class Exports {
  /** How many there may be at once: a snapshot takes a way of its own past the things. */
  private static final int MOST = Walk.MOST - 1;

  /** A client that has asked for nothing as long as this makes room for another one. */
  private static final double STALLED_MS = 30_000;

  private final String namespace;
  private final Things state;
  private final ThingFinder finder;
  private final WriteAheadLog wal;
  private final Seqs seqs;
  private final @Nullable ArchiveHistory history;
  private final PastReader past;
  private final Upcasts upcasts;
  private final Moments moments;
  private final Clock clock;
  private final StoreObserver observer;
  private final Json json;
  private final UnaryOperator<String> about;
  private final List<Export> running = new ArrayList<>();

  /** How many wait for the archive. */
  private int looking;

  /**
   * @param history null when no archive reader is configured
   */
  Exports(
      String namespace,
      Things state,
      ThingFinder finder,
      WriteAheadLog wal,
      @Nullable ArchiveHistory history,
      PastReader past,
      Upcasts upcasts,
      StorePorts ports,
      UnaryOperator<String> about) {
    this.namespace = namespace;
    this.state = state;
    this.finder = finder;
    this.wal = wal;
    this.seqs = wal.seqs();
    this.history = history;
    this.past = past;
    this.upcasts = upcasts;
    this.moments = new Moments(seqs, ports.json(), about);
    this.clock = ports.clock();
    this.observer = ports.observer();
    this.json = ports.json();
    this.about = about;
  }

  boolean isIdle() {
    return running.isEmpty();
  }

  /**
   * Answers a request.
   *
   * @param grant what the client may do: things of other types are absent for it
   */
  void answer(Query query, Grant grant, HttpReply reply) {
    String type = query.parameter("type");
    String at = query.parameter("at");
    Moment moment = at == null ? null : new RequestReader(json).moment(at);
    if (query.has("type") && (type == null || type.isEmpty())) {
      ReplyWriter.refuse(
          reply, Refusal.ofField("type", "type must be a $type, got nothing", json), json);
    } else if (query.has("at") && moment == null) {
      String message =
          Mismatch.of("at", RequestReader.MOMENT, Value.of(at == null ? "" : at), json);
      ReplyWriter.refuse(reply, Refusal.ofField("at", message, json), json);
    } else {
      answer(type, moment, grant, reply);
    }
  }

  /**
   * Answers a request.
   *
   * @param type null for all
   * @param moment null for the present
   */
  void answer(@Nullable String type, @Nullable Moment moment, Grant grant, HttpReply reply) {
    if (moment != null && !moments.isOwn(moment)) {
      ReplyWriter.refuse(reply, moments.foreign(moment), json);
    } else if (!hasRoom()) {
      String message = about.apply("too many exports are under way");
      ReplyWriter.refuse(reply, Refusal.overloaded(message, json), json);
    } else if (moment == null || isPresent(type, moment)) {
      present(type, moment, grant, reply);
    } else {
      past(type, moment, grant, reply);
    }
  }

  private boolean hasRoom() {
    if (running.size() + looking < MOST) {
      return true;
    }
    double now = clock.nowMs();
    for (Export export : running) {
      if (now - export.lastAskedMs() >= STALLED_MS) {
        export.breakOff("its client has not read on for " + (long) STALLED_MS + " ms");
        return true;
      }
    }
    return false;
  }

  // ---- what there is

  private boolean isPresent(@Nullable String type, Moment moment) {
    if (moment.untilMs() < Double.POSITIVE_INFINITY) {
      return moment.untilMs() >= clock.nowMs();
    }
    double life = moment.position() == null ? 0 : moment.position().life();
    return moment.untilSeq() >= Math.min(lastSeq(type), seqs.durable())
        && !seqs.life().emptied().isBehind(life, moment.untilSeq());
  }

  /** The last event of a type, or of all; what memory does not know is what a checkpoint covers. */
  private double lastSeq(@Nullable String type) {
    if (type == null) {
      return seqs.durable();
    }
    TypedCollection collection = state.existingCollection(type);
    double seq = collection == null ? 0 : collection.lastSeq();
    return seq == 0 ? seqs.checkpointed() : Math.min(seq, seqs.applied());
  }

  private void present(
      @Nullable String type, @Nullable Moment moment, Grant grant, HttpReply reply) {
    double seq = seqs.durable();
    // A moment that a position or a seq names is a place in the log, not a time.
    boolean timeless = moment != null && moment.untilMs() == Double.POSITIVE_INFINITY;
    double atMs = timeless ? 0 : clock.nowMs();
    Position named = moment == null ? null : moment.position();
    String at = named != null ? named.text(json) : moments.now(seq);
    List<TypedCollection> all = new ArrayList<>();
    for (TypedCollection collection : state.collections()) {
      if ((type == null || type.equals(collection.type())) && grant.shows(collection.type())) {
        all.add(collection);
      }
    }
    PresentThings source = new PresentThings(all, seq, atMs, state, finder, json);
    try {
      source.passExpired();
      keepPending(source.walk(), type, grant);
      begin(source, at, reply);
    } catch (RuntimeException e) {
      source.end();
      ReplyWriter.refuse(
          reply, Refusal.of(ErrorCode.UNAVAILABLE, about.apply(e.getMessage())), json);
    }
  }

  /** What is not durable yet hides what is: the version before the first such write counts. */
  private void keepPending(Walk walk, @Nullable String type, Grant grant) {
    Set<String> seen = new HashSet<>();
    wal.forEachPending(
        applied -> {
          Thing before = seen.add(applied.event().thingId()) ? applied.undo().before() : null;
          if (before != null
              && grant.shows(before.type())
              && (type == null || type.equals(before.type()))) {
            walk.keep(before);
          }
        });
  }

  private void begin(Export.Source source, String at, HttpReply reply) {
    String header = Export.header(namespace, at, json);
    Export export = new Export(source, header, clock.nowMs(), this::ended, upcasts);
    running.add(export);
    reply.stream(200, Export.CONTENT_TYPE, watched(export));
  }

  /** The export, which notes when it was asked for something. */
  private HttpBody watched(Export export) {
    return new HttpBody() {
      @Override
      public void next(Part part) {
        export.askedAt(clock.nowMs());
        export.next(part);
      }

      @Override
      public void cancel() {
        export.cancel();
      }
    };
  }

  private void ended(Export export, @Nullable String error) {
    running.remove(export);
    if (error != null) {
      observer.warning(about.apply("an export broke off: " + error));
    }
  }

  // ---- what was

  private void past(@Nullable String type, Moment moment, Grant grant, HttpReply reply) {
    Refusal refusal = past.refusal();
    if (refusal != null) {
      ReplyWriter.refuse(reply, refusal, json);
      return;
    }
    double until = Math.min(moment.untilSeq(), seqs.applied());
    double needed = type == null ? until : Math.min(until, lastSeq(type));
    Look look = new Look(moment, grant, needed, reply);
    looking++;
    Objects.requireNonNull(history).lookAtType(type, moment, until, look);
  }

  /** One look at what there was. */
  private final class Look implements ArchiveHistory.Visitor {
    private final ThingsThen then;
    private final Grant grant;
    private final double needed;
    private final HttpReply reply;

    /**
     * @param needed the event that the archive has to reach to know
     */
    Look(Moment moment, Grant grant, double needed, HttpReply reply) {
      this.then = new ThingsThen(moment, seqs);
      this.grant = grant;
      this.needed = needed;
      this.reply = reply;
    }

    @Override
    public boolean version(Event event, @Nullable Thing thing) {
      then.take(event, thing);
      return true;
    }

    @Override
    public void reached(Position at) {
      then.reached(at);
    }

    @Override
    public void completed(double reach) {
      looking--;
      if (reach < needed) {
        ReplyWriter.refuse(reply, past.notYetArchived(reach, needed), json);
      } else if (then.mayBeUndone() || then.lastSeq() > seqs.durable()) {
        String message = "a write that the answer would show is not durable";
        ReplyWriter.refuse(reply, Refusal.of(ErrorCode.UNAVAILABLE, about.apply(message)), json);
      } else {
        then.things().values().removeIf(thing -> !grant.shows(thing.type()));
        begin(new Past(then.things(), then.expiredByMs()), then.at(json), reply);
      }
    }

    @Override
    public void failed(String error) {
      looking--;
      ReplyWriter.refuse(reply, ((Outcome.Refused) past.unavailable(error)).refusal(), json);
    }
  }

  /** Things that the archive has told; each is let go when it is shown. */
  private static final class Past implements Export.Source {
    private final Iterator<Thing> things;
    private final int size;

    Past(Map<String, Thing> all, double atMs) {
      all.values().removeIf(thing -> thing.isExpired(atMs));
      size = all.size();
      things = all.values().iterator();
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public @Nullable Thing next() {
      if (!things.hasNext()) {
        return null;
      }
      Thing thing = things.next();
      things.remove();
      return thing;
    }

    @Override
    public @Nullable String broken() {
      return null;
    }

    @Override
    public void end() {}
  }
}
