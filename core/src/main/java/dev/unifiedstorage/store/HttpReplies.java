package dev.unifiedstorage.store;

import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;

/**
 * The answer to requests that came over HTTP: their replies in the order of the requests, once
 * there are all.
 */
final class HttpReplies {
  private final HttpReply to;
  private final Json json;
  private final ReplyRoom room;
  private final JsonWriter[] replies;
  private final boolean array;
  private int missing;

  /**
   * @param array whether the answer is an array, or the one reply alone
   */
  HttpReplies(HttpReply to, int requests, boolean array, Json json) {
    this.to = to;
    this.json = json;
    this.array = array;
    this.room = new ReplyRoom(null, requests, json);
    this.replies = new JsonWriter[requests];
    this.missing = requests;
  }

  /** The connection of one request. */
  Connection at(int index) {
    return room.connection(reply -> take(index, reply));
  }

  private void take(int index, JsonWriter reply) {
    replies[index] = reply;
    missing--;
    if (missing == 0) {
      to.send(200, "application/json", array ? joined() : reply.text());
    }
  }

  private String joined() {
    JsonWriter all = json.writer();
    String separator = "[";
    for (JsonWriter reply : replies) {
      all.raw(separator).raw(reply);
      separator = ",";
    }
    return all.raw("]").text();
  }
}
