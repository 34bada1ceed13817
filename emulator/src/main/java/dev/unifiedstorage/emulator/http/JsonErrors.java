package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.emulator.object.HttpError;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.protocol.ErrorCode;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * The answer to what never reaches a route, such as a request line that is no HTTP: an error as
 * JSON, like every other one.
 */
final class JsonErrors implements Request.Handler {
  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    int status = response.getStatus();
    // 501 and 505 say that the request has a method or a version that is not known here.
    boolean ours = status >= 500 && status != 501 && status != 505;
    ErrorCode code = ours ? ErrorCode.INTERNAL_ERROR : ErrorCode.VALIDATION_ERROR;
    Object cause = request.getAttribute("org.eclipse.jetty.server.error_message");
    String message = cause == null ? "the request could not be read" : cause.toString();
    // Behind what it could not read Jetty ends the connection.
    response.getHeaders().put(HttpHeader.CONNECTION, "close");
    send(new HttpError(status, code.name(), message), response, callback);
    return true;
  }

  /** Answers with an error where no route does. */
  static void send(HttpError error, Response response, Callback callback) {
    error.to(reply(response, callback));
  }

  /** Where an error goes that no route answers with. */
  static HttpReply reply(Response response, Callback callback) {
    return new HttpReply() {
      @Override
      public void send(int status, String contentType, String body) {
        send(status, contentType, List.of(), body);
      }

      @Override
      public void send(int status, String contentType, List<String> headers, String body) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, contentType);
        for (int i = 0; i < headers.size(); i += 2) {
          response.getHeaders().put(headers.get(i), headers.get(i + 1));
        }
        Content.Sink.write(response, true, body, callback);
      }
    };
  }
}
