package dev.unifiedstorage.port;

import org.jspecify.annotations.Nullable;

/**
 * One client's socket.
 *
 * <p>Sending never blocks and never throws: a socket that has gone swallows what is sent to it.
 */
@FunctionalInterface
public interface Connection {
  /** Sends one text message. */
  void send(String text);

  /** Sends what has been written. */
  default void send(JsonWriter reply) {
    send(reply.text());
  }

  /** The socket that this leads to, or null where there is none beside the reply. */
  default @Nullable Peer peer() {
    return null;
  }

  /** Whether what is sent leaves later, together with more. */
  default boolean gathers() {
    return false;
  }

  /**
   * Says that the message was a frame: it has several replies, and {@link #endsFrame} tells the
   * last.
   */
  default void beginsFrame() {}

  /** Says that a frame has all of its replies. */
  default void endsFrame() {}

  /** How many bytes the next reply may have. */
  default double room() {
    return Double.POSITIVE_INFINITY;
  }

  /** Whether a reply has room, which it then takes; it is sent after that. */
  default boolean takes(JsonWriter reply) {
    return true;
  }

  /** How many things the queries that came in the same message have looked at. */
  default double looked() {
    return 0;
  }

  /** Counts things that a query has looked at. */
  default void looksAt(double things) {}

  /** The connection as the host gave it to the store: itself, unless it is a part of one. */
  default Connection origin() {
    return this;
  }
}
