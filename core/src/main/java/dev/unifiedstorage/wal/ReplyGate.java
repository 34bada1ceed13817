package dev.unifiedstorage.wal;

import dev.unifiedstorage.figures.Histogram;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where replies wait until everything they show or confirm is durable.
 *
 * <p>Replies that need the same seq leave in the order they came. When durability could not be had,
 * the waiting ones become errors: what they were about to say has been undone.
 */
public final class ReplyGate {
  /** The most replies that may wait; a request that would add one more is refused. */
  static final int MAX_WAITING = 65_536;

  /** The most text that may wait, in characters. */
  static final double MAX_WAITING_CHARS = 32 * 1024 * 1024;

  private record Waiting(
      Connection connection, double seq, JsonWriter reply, String id, double sinceMs) {}

  private final Function<String, JsonWriter> undoneReply;
  private final Clock clock;
  private final Histogram waits;
  private Predicate<Peer> mayHear = peer -> true;
  private int gatherings;

  /** Sends what is gathered in this turn; null when nothing is. */
  private @Nullable Runnable gathered;

  private List<Waiting> waiting = new ArrayList<>();
  private double waitingChars;
  private double durableSeq;

  /**
   * @param undoneReply makes the error that a waiting reply becomes when what it shows was undone,
   *     from the request's id as JSON text
   * @param waits has how long each waited
   */
  public ReplyGate(Function<String, JsonWriter> undoneReply, Clock clock, Histogram waits) {
    this.undoneReply = undoneReply;
    this.clock = clock;
    this.waits = waits;
  }

  /** Has a socket asked about before anything is pushed to it; one that may not is as one gone. */
  public void pushesTo(Predicate<Peer> which) {
    mayHear = which;
  }

  /** Whether one more reply may have to wait. */
  public boolean hasRoom() {
    return waiting.size() < MAX_WAITING && waitingChars < MAX_WAITING_CHARS;
  }

  public int waiting() {
    return waiting.size();
  }

  /**
   * Sends a reply as soon as {@code seq} is durable: now, if it is.
   *
   * @param id the request's id as JSON text
   */
  public void send(Connection connection, double seq, JsonWriter reply, String id) {
    if (seq <= durableSeq) {
      release(connection, reply);
    } else {
      waiting.add(new Waiting(connection, seq, reply, id, clock.nowMs()));
      waitingChars += reply.length();
    }
  }

  /** Begins a time of gathering: what is sent until its end may leave together. Times may nest. */
  public void gather() {
    gatherings++;
  }

  /** Ends a time of gathering. */
  public void endGathering() {
    gatherings--;
    if (gatherings == 0) {
      sendGathered();
    }
  }

  /**
   * Says that somebody gathers replies, and how they leave: at the end of the time of gathering, or
   * as soon as another reply comes, so that replies to one socket keep their order.
   */
  public void gathers(Runnable leave) {
    sendGathered();
    gathered = leave;
    if (gatherings == 0) {
      sendGathered();
    }
  }

  private void sendGathered() {
    Runnable leave = gathered;
    gathered = null;
    if (leave != null) {
      leave.run();
    }
  }

  /**
   * Sends what is no reply, behind every reply that was ready before.
   *
   * @param seq the last event that it shows
   * @return whether the socket is still there
   * @throws IllegalStateException when that event could still be lost: nothing shows it then
   */
  public boolean push(Peer peer, double seq, String text) {
    if (seq > durableSeq) {
      throw new IllegalStateException(
          "a push shows seq " + (long) seq + ", durable is seq " + (long) durableSeq);
    }
    sendGathered();
    return mayHear.test(peer) && peer.push(text);
  }

  private void release(Connection connection, JsonWriter reply) {
    if (gathered != null && !connection.gathers()) {
      sendGathered();
    }
    connection.send(reply);
  }

  /**
   * Sends a reply as {@link #send} does, unless its frame has no room for it.
   *
   * @param full makes the reply that says so
   */
  public void sendIfItFits(
      Connection connection, double seq, JsonWriter reply, String id, Supplier<JsonWriter> full) {
    if (connection.takes(reply)) {
      send(connection, seq, reply, id);
    } else {
      connection.send(full.get());
    }
  }

  /** Lets out what needs no more than {@code seq}: the last step of a turn. */
  public void release(double seq) {
    if (seq == durableSeq) {
      return;
    }
    durableSeq = seq;
    if (waiting.isEmpty()) {
      return;
    }
    List<Waiting> before = waiting;
    waiting = new ArrayList<>();
    double nowMs = clock.nowMs();
    gather();
    for (Waiting reply : before) {
      if (reply.seq <= seq) {
        waits.add(nowMs - reply.sinceMs);
        waitingChars -= reply.reply.length();
        release(reply.connection, reply.reply);
      } else {
        waiting.add(reply);
      }
    }
    endGathering();
  }

  /** Lets out what needs no more than {@code seq}, and refuses the rest: it exists no more. */
  public void undone(double seq) {
    release(seq);
    refuseAll(undoneReply);
  }

  /**
   * Refuses everything that waits, because the store is about to go and will not know.
   *
   * @param refusal makes the error from the request's id as JSON text
   */
  public void refuseAll(Function<String, JsonWriter> refusal) {
    List<Waiting> before = waiting;
    waiting = new ArrayList<>();
    waitingChars = 0;
    gather();
    for (Waiting reply : before) {
      release(reply.connection, refusal.apply(reply.id));
    }
    endGathering();
  }
}
