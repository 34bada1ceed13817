package dev.unifiedstorage.store;

import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.wal.ReplyGate;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The replies to one frame: those that are ready together leave as one array. */
final class FrameReplies {
  private final Connection to;
  private final ReplyGate gate;
  private final Json json;
  private final ReplyRoom room;

  /** What has been sent in this turn: one reply alone, or the beginning of an array. */
  private @Nullable JsonWriter gathered;

  private int gatheredCount;
  private int missing;

  /**
   * @param requests how many there are in the frame
   */
  FrameReplies(Connection to, int requests, ReplyGate gate, Json json) {
    this.to = to;
    this.gate = gate;
    this.json = json;
    this.room = new ReplyRoom(to, requests, json);
    this.missing = requests;
    to.beginsFrame();
  }

  /** The connection of the next request. */
  Connection next() {
    return room.connection(this::gather, to.peer());
  }

  private void gather(JsonWriter reply) {
    gatheredCount++;
    missing--;
    JsonWriter before = gathered;
    if (before == null) {
      gathered = reply;
      gate.gathers(this::flush);
    } else if (gatheredCount == 2) {
      gathered = json.writer().raw("[").raw(before).raw(",").raw(reply);
    } else {
      before.raw(",").raw(reply);
    }
  }

  private void flush() {
    JsonWriter all = Objects.requireNonNull(gathered);
    JsonWriter replies = gatheredCount == 1 ? all : all.raw("]");
    gathered = null;
    gatheredCount = 0;
    to.send(replies);
    if (missing == 0) {
      to.endsFrame();
    }
  }
}
