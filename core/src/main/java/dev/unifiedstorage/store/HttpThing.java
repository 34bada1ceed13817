package dev.unifiedstorage.store;

import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Upcasts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to {@code GET things/{id}}, which waits at the gate until what it shows is durable.
 *
 * <p>The gate hands back the very text that it was given; another one says that what would have
 * been shown was undone.
 */
final class HttpThing implements Connection {
  private final HttpReply to;
  private final Json json;
  private final int status;
  private final @Nullable String etag;
  private final JsonWriter body;

  private HttpThing(HttpReply to, Json json, int status, @Nullable String etag, JsonWriter body) {
    this.to = to;
    this.json = json;
    this.status = status;
    this.etag = etag;
    this.body = body;
  }

  /**
   * @param ifNoneMatch the header of that name, or null
   */
  static HttpThing found(Thing thing, @Nullable String ifNoneMatch, HttpReply to, Json json) {
    JsonWriter tag = json.writer().raw("\"").number(thing.version());
    tag.raw("-").number(thing.createdAtMs());
    double form = Upcasts.formOf(thing, json);
    if (form > 0) {
      // The same version looks different once there is a later form.
      tag.raw("-").number(form);
    }
    String etag = tag.raw("\"").text();
    if (ifNoneMatch != null && matches(ifNoneMatch, etag)) {
      return new HttpThing(to, json, 304, etag, json.writer());
    }
    JsonWriter body = json.writer();
    thing.writeTo(body, json);
    return new HttpThing(to, json, 200, etag, body);
  }

  static HttpThing absent(String id, HttpReply to, Json json) {
    String body =
        ReplyWriter.httpError(ErrorCode.NOT_FOUND.name(), "there is no thing with $id " + id, json);
    int status = ErrorCode.NOT_FOUND.httpStatus();
    return new HttpThing(to, json, status, null, json.writer().raw(body));
  }

  /** Whether one of the tags of a header is this one; weak ones count too. */
  private static boolean matches(String header, String etag) {
    int start = 0;
    while (start <= header.length()) {
      int comma = header.indexOf(',', start);
      int end = comma < 0 ? header.length() : comma;
      String tag = header.substring(start, end).trim();
      if (tag.equals("*") || tag.equals(etag) || tag.equals("W/" + etag)) {
        return true;
      }
      start = end + 1;
    }
    return false;
  }

  JsonWriter body() {
    return body;
  }

  @Override
  public void send(JsonWriter reply) {
    if (reply == body) {
      List<String> headers = etag == null ? List.of() : List.of("etag", etag);
      to.send(status, "application/json", headers, body.text());
      return;
    }
    Refusal undone = Refusal.of(ErrorCode.UNAVAILABLE, "what would have been shown was undone");
    ReplyWriter.refuse(to, undone, json);
  }

  @Override
  public void send(String text) {
    throw new IllegalStateException("only the gate sends here");
  }
}
