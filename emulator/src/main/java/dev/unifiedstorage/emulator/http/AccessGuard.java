package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.emulator.object.HttpError;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;

/**
 * Lets in whoever has the access token, and everybody where that was said.
 *
 * <p>{@code /health} is always open. Tokens are compared in constant time. It stands before every
 * other handler, so that a route added later is guarded without having to think of it.
 */
public final class AccessGuard extends Handler.Wrapper {
  private static final String BEARER = "bearer ";

  private final byte[] token;
  private final boolean open;

  /**
   * @param token null when none is set
   * @param open whether everybody is let in when none is set
   */
  public AccessGuard(String token, boolean open) {
    this.token = token == null ? null : token.getBytes(StandardCharsets.UTF_8);
    this.open = open;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (request.getHttpURI().getPath().equals("/health") || isAllowed(request)) {
      return super.handle(request, response, callback);
    }
    HttpError error = new HttpError(401, "UNAUTHORIZED", reason());
    response.setStatus(error.status());
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, HttpError.CONTENT_TYPE);
    response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
    Content.Sink.write(response, true, error.body(), callback);
    return true;
  }

  private boolean isAllowed(Request request) {
    if (token == null) {
      return open;
    }
    String header = request.getHeaders().get(HttpHeader.AUTHORIZATION);
    String given = null;
    if (header != null && header.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
      given = header.substring(BEARER.length()).strip();
    } else {
      Fields.Field parameter = Request.extractQueryParameters(request).get("access_token");
      given = parameter == null ? null : parameter.getValue();
    }
    return given != null && MessageDigest.isEqual(token, given.getBytes(StandardCharsets.UTF_8));
  }

  private String reason() {
    return token != null
        ? "expected the access token, as Authorization: Bearer or in the query as access_token"
        : "this server listens beyond the loopback interface and serves nobody until ACCESS_TOKEN"
            + " is set, or PUBLIC is true";
  }
}
