package dev.unifiedstorage.store;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.checkpoint.Committer;
import dev.unifiedstorage.checkpoint.ThingFinder;
import dev.unifiedstorage.layout.CorruptRowException;
import dev.unifiedstorage.past.ArchiveHistory;
import dev.unifiedstorage.past.Moments;
import dev.unifiedstorage.past.PastReader;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.SqlException;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Outcome;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.state.Entry;
import dev.unifiedstorage.state.Fields;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.Moment;
import dev.unifiedstorage.wal.Origin;
import dev.unifiedstorage.wal.Position;
import dev.unifiedstorage.wal.WriteAheadLog;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes a store what it once was: by ordinary events, behind a fence that names the moment.
 *
 * <p>So nothing in the archive is overwritten, and another restore undoes this one. One runs at a
 * time. The archive is read first; then the things that differ are changed a slice at a time, and
 * other requests are answered between. A crash between two slices leaves a part of the things
 * changed: the client, which got no answer, asks again.
 *
 * <pre>
 * from      method     to        when
 * idle      begin      looking   the archive is asked what there was
 * looking   completed  changing  it has told, and things differ
 * changing  slice      waiting   the last slice is applied
 * waiting   turn       idle      that is durable: the client is answered
 * any       refuse     idle      with the reason
 * </pre>
 */
final class StoreRestore {
  /** How many things one slice changes at most. */
  private static final int SLICE = 200;

  private static final double AGAIN_MS = 100;

  private final Things state;
  private final ThingFinder finder;
  private final Optional<ArchiveHistory> history;
  private final PastReader past;
  private final WriteAheadLog wal;
  private final Committer committer;
  private final Lifecycle lifecycle;
  private final Origin origin;
  private final Timers timers;
  private final Clock clock;
  private final Json json;
  private final Moments moments;
  private final ErrorContext about;

  /** The one that runs. */
  private Optional<Run> running = Optional.empty();

  StoreRestore(
      Things state,
      ThingFinder finder,
      @Nullable ArchiveHistory history,
      PastReader past,
      WriteAheadLog wal,
      Committer committer,
      Lifecycle lifecycle,
      Origin origin,
      Timers timers,
      ErrorContext about) {
    this.state = state;
    this.finder = finder;
    this.history = Optional.ofNullable(history);
    this.past = past;
    this.wal = wal;
    this.committer = committer;
    this.lifecycle = lifecycle;
    this.origin = origin;
    this.timers = timers;
    this.clock = origin.clock();
    this.json = origin.json();
    this.moments = new Moments(wal.seqs(), json, about);
    this.about = about;
  }

  boolean isIdle() {
    return running.isEmpty();
  }

  /** Begins one. */
  void restore(Moment moment, HttpReply reply) {
    Refusal refusal = past.refusal();
    if (refusal == null && running.isPresent()) {
      refusal = Refusal.of(ErrorCode.CONFLICT, about.apply("another restore is under way"));
    }
    if (refusal == null && !moments.isOwn(moment)) {
      refusal = moments.foreign(moment);
    }
    if (refusal != null) {
      ReplyWriter.refuse(reply, refusal, json);
      return;
    }
    Run run = new Run(moment, reply);
    running = Optional.of(run);
    double until = Math.min(moment.untilSeq(), wal.seqs().applied());
    history.orElseThrow().lookAtType(null, moment, until, run);
  }

  /** Answers once what was restored is durable. */
  void turn() {
    running.ifPresent(Run::answerIfDurable);
  }

  /** One restore. */
  private final class Run implements ArchiveHistory.Visitor {
    private final Moment moment;
    private final HttpReply reply;
    private final double neededSeq;
    private final int undos = wal.seqs().undos();
    private final ThingsThen then;
    private boolean passed;
    private List<String> differing = List.of();
    private int next;

    /** The last event of it; negative until all are applied. */
    private double lastSeq = -1;

    Run(Moment moment, HttpReply reply) {
      this.moment = moment;
      this.reply = reply;
      this.then = new ThingsThen(moment, wal.seqs());
      this.neededSeq = Math.min(moment.untilSeq(), wal.seqs().applied());
    }

    // ---- looking

    @Override
    public boolean version(Event event, @Nullable Thing thing) {
      passed = !then.take(event, thing);
      return !passed;
    }

    @Override
    public void reached(Position at) {
      then.reached(at);
    }

    @Override
    public void completed(double reach) {
      if (!passed && reach < neededSeq) {
        end(past.notYetArchived(reach, neededSeq));
        return;
      }
      // What the archive tells comes in the middle of its rows, behind which there is no turn.
      timers.after(0, this::begin);
    }

    private void begin() {
      if (!lifecycle.isRunning()) {
        unavailable("the store stopped; ask again");
        return;
      }
      try {
        differing = differing();
        Optional<RuntimeException> error =
            differing.isEmpty()
                ? Optional.empty()
                : committer.begin(Event.Verb.STORE_RESTORED, momentMember());
        if (error.isPresent()) {
          unavailable(String.valueOf(error.get().getMessage()));
          return;
        }
      } catch (SqlException | CorruptRowException e) {
        unavailable(String.valueOf(e.getMessage()));
        return;
      }
      slice();
    }

    @Override
    public void failed(String error) {
      unavailable(error);
    }

    private String momentMember() {
      JsonWriter member = json.writer().raw(",\"at\":");
      if (moment.position() != null) {
        member.string(moment.position().text(json));
      } else if (moment.untilMs() < Double.POSITIVE_INFINITY) {
        member.number(moment.untilMs());
      } else {
        member.raw("{\"seq\":").number(neededSeq).raw("}");
      }
      return member.text();
    }

    private List<String> differing() {
      double nowMs = clock.nowMs();
      List<String> ids = new ArrayList<>();
      Set<String> seen = new HashSet<>();
      for (TypedCollection collection : state.collections()) {
        collection.forEach(entry -> note(entry.thing(), ids, seen, nowMs));
        if (collection.evicted() > 0) {
          finder.forEachEvicted(collection.type(), thing -> note(thing, ids, seen, nowMs));
        }
      }
      for (Thing was : then.things().values()) {
        if (!was.isExpired(nowMs) && !seen.contains(was.id())) {
          ids.add(was.id());
        }
      }
      ids.sort(String::compareTo);
      return ids;
    }

    private void note(Thing now, List<String> ids, Set<String> seen, double nowMs) {
      seen.add(now.id());
      Thing was = then.things().get(now.id());
      if (was == null || was.isExpired(nowMs) || !isSame(now, was)) {
        ids.add(now.id());
      }
    }

    private boolean isSame(Thing now, Thing then) {
      return Draft.isSame(now, then.type(), then.fields().object(json), then.expiresAtMs(), json);
    }

    // ---- changing

    private void slice() {
      if (!lifecycle.isRunning()) {
        unavailable("the store stopped before all was restored; ask again");
        return;
      }
      try {
        if (!wal.outgoing().hasRoom(2 * SLICE, 0) || committer.prepareWrite().isPresent()) {
          timers.after(AGAIN_MS, this::slice);
          return;
        }
        change();
      } catch (SqlException | CorruptRowException e) {
        unavailable(e.getMessage() + "; a part of the things may be restored: ask again");
        return;
      }
      if (next < differing.size()) {
        timers.after(0, this::slice);
      } else {
        lastSeq = wal.seqs().applied();
      }
    }

    /** Changes some things; where one cannot be read, none of them. */
    private void change() {
      Unit unit = new Unit(wal, false, Grant.ALL, 0);
      try {
        for (int i = 0; i < SLICE && next < differing.size(); i++) {
          String id = differing.get(next++);
          bringBack(id, then.things().get(id), unit);
        }
      } catch (RuntimeException e) {
        unit.rollback();
        if (!wal.hasPending()) {
          // No event of the life that was to say so is there.
          wal.forgetUnrecorded();
        }
        throw e;
      }
      unit.commit();
    }

    private void bringBack(String id, @Nullable Thing kept, Unit unit) {
      double nowMs = unit.nowMs(clock);
      Entry entry = finder.find(id);
      Thing then = kept == null || kept.isExpired(nowMs) ? null : kept;
      if (entry != null && (then == null || isGone(entry.thing(), then, nowMs))) {
        double seq = unit.nextSeq();
        Thing thing = entry.thing();
        unit.add(
            thing.isExpired(nowMs)
                ? Event.expired(origin, thing, unit.life(), seq, nowMs, false)
                : Event.deleted(origin, thing, unit.life(), seq, nowMs, false),
            Objects.requireNonNull(state.remove(id, seq, nowMs)));
        entry = null;
      }
      if (then == null) {
        return;
      }
      double seq = unit.nextSeq();
      int size = then.fields().length(json);
      if (entry == null) {
        Thing thing =
            Thing.created(id, then.type(), then.fields(), nowMs, seq, size)
                .expiring(then.expiresAtMs());
        unit.add(Event.created(origin, thing, unit.life(), false), state.put(thing));
      } else if (!isSame(entry.thing(), then)) {
        Thing older = entry.thing();
        Fields changes = Draft.replacement(older, then.fields().object(json), json);
        Thing thing = older.replaced(changes, nowMs, seq, size, json).expiring(then.expiresAtMs());
        boolean same = then.expiresAtMs() == older.expiresAtMs();
        unit.add(
            Event.updated(
                origin,
                thing,
                changes,
                changes.length(json),
                same ? Event.UNCHANGED : then.expiresAtMs(),
                unit.life(),
                false),
            state.put(thing));
      }
    }

    /** Whether there is no such thing any more that another version could be of. */
    private static boolean isGone(Thing thing, Thing then, double nowMs) {
      return thing.isExpired(nowMs) || !thing.type().equals(then.type());
    }

    // ---- the answer

    private void answerIfDurable() {
      if (wal.seqs().undos() != undos && lastSeq >= 0) {
        unavailable("a part of it could not be made durable and was undone; ask again");
      } else if (lastSeq >= 0 && wal.seqs().durable() >= lastSeq) {
        running = Optional.empty();
        JsonWriter body = json.writer().raw("{\"namespace\":").string(origin.namespace());
        body.raw(",\"things\":").number(state.size());
        body.raw(",\"at\":").string(moments.now(lastSeq)).raw("}");
        reply.send(200, "application/json", body.text());
      }
    }

    private void unavailable(String message) {
      end(((Outcome.Refused) past.unavailable(message)).refusal());
    }

    private void end(Refusal refusal) {
      running = Optional.empty();
      ReplyWriter.refuse(reply, refusal, json);
    }
  }
}
