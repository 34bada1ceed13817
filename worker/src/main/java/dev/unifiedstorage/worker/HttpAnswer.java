package dev.unifiedstorage.worker;

import dev.unifiedstorage.protocol.ReplyWriter;
import org.teavm.jso.JSExport;

/**
 * What a Worker does with a request: hand it to a namespace's object, or send an answer that is
 * ready.
 */
public final class HttpAnswer {
  static final String JSON = "application/json";

  private final String namespace;
  private final int status;
  private final String body;

  private HttpAnswer(String namespace, int status, String body) {
    this.namespace = namespace;
    this.status = status;
    this.body = body;
  }

  static HttpAnswer object(String namespace) {
    return new HttpAnswer(namespace, 0, null);
  }

  static HttpAnswer ok(String body) {
    return new HttpAnswer(null, 200, body);
  }

  static HttpAnswer error(int status, String code, String message) {
    return new HttpAnswer(null, status, errorBody(code, message));
  }

  static String errorBody(String code, String message) {
    return ReplyWriter.httpError(code, message, new HostJson());
  }

  /** The namespace whose object answers, or null when this is the answer. */
  @JSExport
  public String namespace() {
    return namespace;
  }

  @JSExport
  public int status() {
    return status;
  }

  @JSExport
  public String contentType() {
    return JSON;
  }

  @JSExport
  public String body() {
    return body;
  }
}
