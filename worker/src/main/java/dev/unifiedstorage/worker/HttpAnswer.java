package dev.unifiedstorage.worker;

import dev.unifiedstorage.access.Admission;
import dev.unifiedstorage.protocol.ReplyWriter;
import java.util.List;
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
  private final String grant;
  private final String client;
  private final List<String> headers;

  private HttpAnswer(
      String namespace,
      int status,
      String body,
      String grant,
      String client,
      List<String> headers) {
    this.namespace = namespace;
    this.status = status;
    this.body = body;
    this.grant = grant;
    this.client = client;
    this.headers = headers;
  }

  /**
   * @param grant what the client may do, as the object takes it; empty for everything
   * @param client whose rate counts
   */
  static HttpAnswer object(String namespace, String grant, String client, List<String> headers) {
    return new HttpAnswer(namespace, 0, null, grant, client, headers);
  }

  /** An answer that the directory of all stores gives. */
  static HttpAnswer directory(String grant, String client, List<String> headers) {
    return new HttpAnswer(null, 0, null, grant, client, headers);
  }

  static HttpAnswer ok(String body, List<String> headers) {
    return new HttpAnswer(null, 200, body, "", "", headers);
  }

  /** An answer that is its headers. */
  static HttpAnswer empty(List<String> headers) {
    return new HttpAnswer(null, 204, null, "", "", headers);
  }

  static HttpAnswer error(int status, String code, String message) {
    return error(status, code, message, List.of());
  }

  static HttpAnswer error(int status, String code, String message, List<String> headers) {
    return new HttpAnswer(null, status, errorBody(code, message), "", "", headers);
  }

  /** Whether a socket may open, and what it then keeps. */
  static HttpAnswer of(Admission admission) {
    if (!admission.isRefused()) {
      return accepted(admission.kept());
    }
    return new HttpAnswer(null, admission.status(), admission.body(), "", "", admission.headers());
  }

  /** A socket opens that keeps what its client may do. */
  static HttpAnswer accepted(String grant) {
    return new HttpAnswer(null, 101, null, grant, "", List.of());
  }

  static String errorBody(String code, String message) {
    return ReplyWriter.httpError(code, message, new HostJson());
  }

  /** The namespace whose object answers, or null when this is the answer. */
  @JSExport
  public String namespace() {
    return namespace;
  }

  /** Whether the directory of all stores answers. */
  @JSExport
  public boolean isDirectory() {
    return namespace == null && status == 0;
  }

  @JSExport
  public int status() {
    return status;
  }

  @JSExport
  public String contentType() {
    return JSON;
  }

  /** Null where the headers are all. */
  @JSExport
  public String body() {
    return body;
  }

  @JSExport
  public String grant() {
    return grant;
  }

  @JSExport
  public String client() {
    return client;
  }

  /** More headers of whatever is answered: names and values in turn, how many. */
  @JSExport
  public int headers() {
    return headers.size();
  }

  @JSExport
  public String header(int index) {
    return headers.get(index);
  }
}
