package dev.unifiedstorage.emulator.object;

import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.protocol.Route;

/**
 * An error over HTTP, with the body that all of them have: {@code {"error":{"code","message"}}}.
 *
 * @param message a sentence
 */
public record HttpError(int status, String code, String message) {
  public static final String CONTENT_TYPE = "application/json";

  /** What a route that is an error is answered. */
  public static HttpError of(Route route) {
    return new HttpError(route.kind().status(), route.kind().code().name(), route.problem());
  }

  public String body() {
    return ReplyWriter.httpError(code, message, new JsoniterJson());
  }

  public void to(HttpReply reply) {
    reply.send(status, CONTENT_TYPE, body());
  }
}
