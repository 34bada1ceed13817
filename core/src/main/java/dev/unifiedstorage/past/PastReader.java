package dev.unifiedstorage.past;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.checkpoint.ThingFinder;
import dev.unifiedstorage.layout.CorruptRowException;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.SqlException;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Limits;
import dev.unifiedstorage.protocol.Operation;
import dev.unifiedstorage.protocol.Outcome;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.state.Entry;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.Tombstone;
import dev.unifiedstorage.state.Upcasts;
import dev.unifiedstorage.wal.Event;
import dev.unifiedstorage.wal.Moment;
import dev.unifiedstorage.wal.ReplyGate;
import dev.unifiedstorage.wal.Seqs;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Answers what things were, from the archive: a slow path that never touches the state.
 *
 * <p>A thing that has not changed since the moment asked for is answered from memory. What has
 * changed is asked of the archive, and when the sink has not brought enough of it yet, the answer
 * is an error and never an older truth.
 */
public final class PastReader {
  private final @Nullable ArchiveHistory history;
  private final Things state;
  private final ThingFinder finder;
  private final Seqs seqs;
  private final ReplyGate gate;
  private final Clock clock;
  private final Moments moments;
  private final ReplyWriter replies;
  private final Upcasts upcasts;
  private final Json json;
  private final UnaryOperator<String> about;

  /**
   * @param history null when no archive reader is configured
   * @param about puts namespace, epoch and seq before a sentence
   */
  public PastReader(
      @Nullable ArchiveHistory history,
      Things state,
      ThingFinder finder,
      Seqs seqs,
      ReplyGate gate,
      Clock clock,
      Upcasts upcasts,
      ReplyWriter replies,
      UnaryOperator<String> about) {
    this.history = history;
    this.state = state;
    this.finder = finder;
    this.seqs = seqs;
    this.gate = gate;
    this.clock = clock;
    this.upcasts = upcasts;
    this.json = upcasts.json();
    this.moments = new Moments(seqs, json, about);
    this.replies = replies;
    this.about = about;
  }

  /** Whether no look into the archive is under way. */
  public boolean isIdle() {
    return history == null || history.isIdle();
  }

  /**
   * Answers a read of the past.
   *
   * @param grant what the client may do: things of other types are absent for it
   */
  public void read(Connection connection, String id, Operation.ReadPast past, Grant grant) {
    Consumer<Outcome> answer = outcome -> answer(connection, id, outcome);
    if (!moments.isOwn(past.moment())) {
      answer.accept(new Outcome.Refused(moments.foreign(past.moment()), 0));
      return;
    }
    Look look = new Look(past.moment(), grant);
    try {
      past.ids().forEach(look::add);
    } catch (SqlException | CorruptRowException e) {
      answer.accept(unavailable(String.valueOf(e.getMessage())));
      return;
    }
    if (look.asked.isEmpty()) {
      answer.accept(look.outcome());
      return;
    }
    Refusal refusal = refusal();
    if (refusal != null) {
      answer.accept(new Outcome.Refused(refusal, 0));
      return;
    }
    // Nothing is past the last event of this store: what the archive has there is void or will be.
    double until = Math.min(past.moment().untilSeq(), seqs.applied());
    Objects.requireNonNull(history)
        .look(
            look.asked.keySet(),
            past.moment(),
            until,
            look.createdMs < Double.POSITIVE_INFINITY ? look.createdMs : 0,
            look.visitor(answer));
  }

  private void answer(Connection connection, String id, Outcome outcome) {
    Outcome full = new Outcome.Refused(Refusal.frameIsFull(json), 0);
    gate.sendIfItFits(
        connection, outcome.seq(), replies.reply(id, outcome), id, () -> replies.reply(id, full));
  }

  /** Why the archive cannot be asked now, or null. */
  public @Nullable Refusal refusal() {
    if (history == null) {
      return Refusal.of(
          ErrorCode.UNAVAILABLE, about.apply("no archive reader is configured to read the past"));
    }
    return history.hasRoom()
        ? null
        : Refusal.overloaded(about.apply("too many reads of the past wait for the archive"), json);
  }

  /** One read of the past. */
  private final class Look {
    private final Moment moment;
    private final Grant grant;

    /** The things as they were, those that did not exist as null. */
    private final Map<String, Thing> found = new LinkedHashMap<>();

    /** What the archive is asked for, and the event it has to reach to know. */
    private final Map<String, Double> asked = new LinkedHashMap<>();

    /** Those of which an event behind the moment was seen: more cannot change the answer. */
    private final Set<String> passed = new HashSet<>();

    /** What had expired by then is absent; a place in the log is no time, and has none. */
    private final double expiredByMs;

    /** When the first of those was created that there are now; 0 once one of them is not there. */
    private double createdMs = Double.POSITIVE_INFINITY;

    private final double durableSeq = seqs.durable();
    private final int undos = seqs.undos();

    /** The newest event that the answer shows. */
    private double seq;

    Look(Moment moment, Grant grant) {
      this.moment = moment;
      double untilMs = moment.untilMs();
      this.expiredByMs = untilMs == Double.POSITIVE_INFINITY ? 0 : Math.min(untilMs, clock.nowMs());
      this.grant = grant;
    }

    void add(String id) {
      Entry entry = finder.find(id);
      Thing thing = entry == null ? null : entry.thing();
      found.put(id, null);
      if (thing != null && isBefore(thing.seq(), thing.updatedAtMs())) {
        found.put(id, thing);
        seq = Math.max(seq, thing.seq());
        return;
      }
      createdMs = Math.min(createdMs, thing == null ? 0 : thing.createdAtMs());
      asked.put(id, Math.min(lastSeq(id, thing), moment.untilSeq()));
    }

    private boolean isBefore(double eventSeq, double tsMs) {
      // What was loaded from rows has no seq any more: only a time can tell then.
      boolean seqKnown = eventSeq > 0 || moment.untilSeq() >= seqs.checkpointed();
      return seqKnown && eventSeq <= moment.untilSeq() && tsMs <= moment.untilMs();
    }

    Outcome outcome() {
      JsonWriter things = json.writer().raw("{");
      String separator = "";
      double chars = 0;
      for (Map.Entry<String, Thing> entry : found.entrySet()) {
        Thing thing = entry.getValue() == null ? null : upcasts.view(entry.getValue());
        if (thing != null && !thing.isExpired(expiredByMs) && grant.shows(thing.type())) {
          chars += thing.bytes();
          things.raw(separator).string(entry.getKey()).raw(":");
          thing.writeTo(things, json);
          separator = ",";
        }
        if (chars > Limits.REPLY_BYTES) {
          return tooLarge();
        }
      }
      things.raw("}");
      boolean fits =
          things.length() <= Limits.REPLY_BYTES / 3
              || json.utf8Length(things.text()) <= Limits.REPLY_BYTES;
      return fits ? new Outcome.Found(things, seq) : tooLarge();
    }

    private Outcome tooLarge() {
      String message = "expected things of at most " + Limits.REPLY_BYTES + " bytes";
      return new Outcome.Refused(Refusal.of(ErrorCode.PAYLOAD_TOO_LARGE, message), 0);
    }

    ArchiveHistory.Visitor visitor(Consumer<Outcome> answer) {
      return new ArchiveHistory.Visitor() {
        @Override
        public boolean version(Event event, @Nullable Thing thing) {
          if (event.tsMs() > moment.untilMs()) {
            passed.add(event.thingId());
          } else if (!passed.contains(event.thingId())) {
            found.put(event.thingId(), thing);
            seq = Math.max(seq, event.seq());
          }
          return passed.size() < asked.size();
        }

        @Override
        public void completed(double reach) {
          for (Map.Entry<String, Double> entry : asked.entrySet()) {
            if (!passed.contains(entry.getKey()) && reach < entry.getValue()) {
              answer.accept(new Outcome.Refused(notYetArchived(reach, entry.getValue()), 0));
              return;
            }
          }
          if (seq > durableSeq && undos != seqs.undos()) {
            answer.accept(unavailable("a write that the answer would show was undone meanwhile"));
            return;
          }
          answer.accept(outcome());
        }

        @Override
        public void failed(String error) {
          answer.accept(unavailable(error));
        }
      };
    }
  }

  /**
   * The event that the archive has to reach to know the last of a thing.
   *
   * @param thing null when there is none
   */
  private double lastSeq(String id, @Nullable Thing thing) {
    Tombstone tombstone = state.tombstone(id);
    double last = thing != null ? thing.seq() : tombstone != null ? tombstone.seq() : 0;
    // A seq that memory does not know is one that a checkpoint has covered.
    return last == 0 ? seqs.checkpointed() : last;
  }

  public Outcome unavailable(String message) {
    return new Outcome.Refused(Refusal.of(ErrorCode.UNAVAILABLE, about.apply(message)), 0);
  }

  public Refusal notYetArchived(double reach, double expected) {
    return Refusal.retryLater(
        ErrorCode.UNAVAILABLE,
        about.apply(
            "the archive reaches seq "
                + (long) reach
                + ", expected "
                + (long) expected
                + ": the sink has not brought it yet"),
        Limits.RETRY_AFTER_MS,
        json);
  }

  private Refusal neverWas(String id, double branch) {
    String what =
        branch == 0
            ? ": it never was"
            : " that life " + (long) branch + " wrote and that does not count";
    return Refusal.of(
        ErrorCode.NOT_FOUND, about.apply("the archive has no version of " + id + what));
  }

  /**
   * Answers the versions of one thing that the archive has, oldest first.
   *
   * <p>When it has none, that is an answer only if the archive has come as far as the thing's last
   * durable event can be: then there never was such a thing.
   *
   * @param branch the life of which those are asked for that do not count; 0 for those that do
   * @param grant what the client may do: versions of other types are absent for it
   */
  public void history(String id, double afterSeq, double branch, Grant grant, HttpReply reply) {
    Refusal refusal = refusal();
    if (refusal != null) {
      ReplyWriter.refuse(reply, refusal, json);
      return;
    }
    double expected;
    try {
      Entry entry = finder.find(id);
      expected = Math.min(lastSeq(id, entry == null ? null : entry.thing()), seqs.durable());
    } catch (SqlException | CorruptRowException e) {
      ReplyWriter.refuse(
          reply, Refusal.of(ErrorCode.UNAVAILABLE, about.apply(e.getMessage())), json);
      return;
    }
    JsonWriter body = json.writer().raw("{\"$id\":").string(id).raw(",\"history\":[");
    ArchiveHistory archive = Objects.requireNonNull(history);
    archive.lookAtAll(
        Set.of(id),
        branch,
        new ArchiveHistory.Visitor() {
          private int versions;
          private double chars;
          private boolean more;
          private boolean known;

          @Override
          public boolean version(Event event, @Nullable Thing thing) {
            if (!grant.shows(event.thingType())) {
              return true;
            }
            known = true;
            if (event.seq() <= afterSeq) {
              return true;
            }
            chars += thing == null ? 0 : thing.bytes();
            more =
                versions == Limits.HISTORY_VERSIONS || chars > Limits.REPLY_BYTES && versions > 0;
            if (more) {
              return false;
            }
            body.raw(versions++ == 0 ? "{" : ",{");
            write(event, thing, body);
            return true;
          }

          @Override
          public void completed(double reach) {
            if (!known) {
              ReplyWriter.refuse(
                  reply,
                  branch == 0 && reach < expected
                      ? notYetArchived(reach, expected)
                      : neverWas(id, branch),
                  json);
              return;
            }
            body.raw("],\"more\":").raw(more ? "true" : "false");
            body.raw(",\"archivedSeq\":").number(reach).raw("}");
            reply.send(200, "application/json", body.text());
          }

          @Override
          public void failed(String error) {
            ReplyWriter.refuse(reply, Refusal.of(ErrorCode.UNAVAILABLE, about.apply(error)), json);
          }
        });
  }

  private void write(Event event, @Nullable Thing thing, JsonWriter body) {
    body.raw("\"verb\":").string(event.name()).raw(",\"epoch\":").number(event.epoch());
    body.raw(",\"seq\":").number(event.seq()).raw(",\"ts\":").number(event.tsMs());
    body.raw(",\"$version\":").number(event.version()).raw(",\"thing\":");
    if (thing == null) {
      body.raw("null");
    } else {
      upcasts.view(thing).writeTo(body, json);
    }
    body.raw("}");
  }
}
