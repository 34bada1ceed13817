package dev.unifiedstorage.store;

import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.wal.ReplyGate;

/** The replies to one frame: those that are ready together leave as one array. */
final class FrameReplies {
  private final Connection to;
  private final ReplyGate gate;
  private final Json json;
  private final ReplyRoom room;

  /** What has been sent in this turn: one reply alone, or the beginning of an array. */
  private JsonWriter gathered;

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
    if (gatheredCount == 1) {
      gathered = reply;
      gate.gathers(this::flush);
    } else if (gatheredCount == 2) {
      gathered = json.writer().raw("[").raw(gathered).raw(",").raw(reply);
    } else {
      gathered.raw(",").raw(reply);
    }
  }

  private void flush() {
    JsonWriter replies = gatheredCount == 1 ? gathered : gathered.raw("]");
    gathered = null;
    gatheredCount = 0;
    to.send(replies);
    if (missing == 0) {
      to.endsFrame();
    }
  }
}
