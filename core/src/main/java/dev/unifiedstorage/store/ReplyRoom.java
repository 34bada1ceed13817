package dev.unifiedstorage.store;

import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.Peer;
import dev.unifiedstorage.protocol.Limits;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the requests of one message share: room for their replies, and how many things their queries
 * have looked at. Each request has a connection into it.
 *
 * <p>Room for a refusal is kept for every one of them: what has no room for its reply has room to
 * be told so.
 */
final class ReplyRoom {
  private static final int REFUSAL_BYTES = 300;

  private final @Nullable Connection origin;
  private final Json json;
  private double left;
  private double looked;

  /**
   * @param origin where the requests came from; null when that was no connection
   */
  ReplyRoom(@Nullable Connection origin, int requests, Json json) {
    this.origin = origin;
    this.json = json;
    this.left = Limits.REPLY_BYTES - (double) REFUSAL_BYTES * requests;
  }

  /** The connection of one request: it takes one reply, and swallows a second one. */
  Connection connection(Consumer<JsonWriter> to) {
    return connection(to, null);
  }

  /** The same for a request that came through a socket. */
  Connection connection(Consumer<JsonWriter> to, @Nullable Peer peer) {
    return new One(to, peer);
  }

  private final class One implements Connection {
    private final Consumer<JsonWriter> to;
    private final @Nullable Peer peer;
    private boolean answered;

    private One(Consumer<JsonWriter> to, @Nullable Peer peer) {
      this.to = to;
      this.peer = peer;
    }

    @Override
    public @Nullable Peer peer() {
      return peer;
    }

    @Override
    public void send(String text) {
      send(json.writer().raw(text));
    }

    @Override
    public void send(JsonWriter reply) {
      if (!answered) {
        answered = true;
        to.accept(reply);
      }
    }

    @Override
    public Connection origin() {
      return origin == null ? this : origin.origin();
    }

    @Override
    public boolean gathers() {
      return true;
    }

    @Override
    public double room() {
      return left + REFUSAL_BYTES;
    }

    @Override
    public double looked() {
      return looked;
    }

    @Override
    public void looksAt(double things) {
      looked += things;
    }

    @Override
    public boolean takes(JsonWriter reply) {
      int chars = reply.length();
      int bytes = chars > Limits.UNMEASURED_CHARS ? json.utf8Length(reply.text()) : chars;
      double more = Math.max(0, bytes - REFUSAL_BYTES);
      if (more > left) {
        return false;
      }
      left -= more;
      return true;
    }
  }
}
