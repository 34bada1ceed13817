package dev.unifiedstorage.wal;

import dev.unifiedstorage.port.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

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

  private record Waiting(Connection connection, double seq, String reply, String id) {}

  private final Function<String, String> undoneReply;
  private List<Waiting> waiting = new ArrayList<>();
  private double waitingChars;
  private double durableSeq;

  /**
   * @param undoneReply makes the error that a waiting reply becomes when what it shows was undone,
   *     from the request's id as JSON text
   */
  public ReplyGate(Function<String, String> undoneReply) {
    this.undoneReply = undoneReply;
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
  public void send(Connection connection, double seq, String reply, String id) {
    if (seq <= durableSeq) {
      connection.send(reply);
    } else {
      waiting.add(new Waiting(connection, seq, reply, id));
      waitingChars += reply.length();
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
    for (Waiting reply : before) {
      if (reply.seq <= seq) {
        waitingChars -= reply.reply.length();
        reply.connection.send(reply.reply);
      } else {
        waiting.add(reply);
      }
    }
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
  public void refuseAll(Function<String, String> refusal) {
    List<Waiting> before = waiting;
    waiting = new ArrayList<>();
    waitingChars = 0;
    for (Waiting reply : before) {
      reply.connection.send(refusal.apply(reply.id));
    }
  }
}
