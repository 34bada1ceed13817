package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.emulator.object.DurableObjects;
import dev.unifiedstorage.emulator.object.HttpError;
import dev.unifiedstorage.emulator.object.ObjectSocket;
import dev.unifiedstorage.protocol.Route;
import java.time.Duration;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.Configuration;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.core.server.WebSocketMappings;
import org.eclipse.jetty.websocket.core.server.WebSocketNegotiator;

/**
 * The door for sockets: it stands before Javalin and takes what asks for one.
 *
 * <p>It exists because Javalin hands out whole messages, and a message that is too large has to be
 * refused piece by piece, before it costs memory, with the socket left open.
 */
final class SocketUpgrades extends Handler.Wrapper {
  private static final String VERSION = "13";
  private static final int BUFFER_BYTES = 64 << 10;

  private final DurableObjects objects;
  private final WebSocketMappings webSockets = new WebSocketMappings();
  private final Configuration.ConfigurationCustomizer settings =
      new Configuration.ConfigurationCustomizer();

  SocketUpgrades(DurableObjects objects) {
    this.objects = objects;
    installBean(webSockets);
    // A hibernating object keeps its sockets for as long as its clients do.
    settings.setIdleTimeout(Duration.ZERO);
    settings.setInputBufferSize(BUFFER_BYTES);
    settings.setOutputBufferSize(BUFFER_BYTES);
    // Sizes are bounded by message, in ObjectSocket; frames come in pieces of the input buffer.
    settings.setAutoFragment(true);
    settings.setMaxFrameSize(0);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    boolean wantsSocket = request.getHeaders().contains(HttpHeader.SEC_WEBSOCKET_VERSION);
    String target = request.getHttpURI().getPathQuery();
    Route route = Route.parse(request.getMethod(), target, wantsSocket);
    boolean upgraded =
        route.kind() == Route.Kind.SOCKET
            && upgrade(route.namespace(), request, response, callback);
    if (upgraded) {
      return true;
    }
    if (route.kind() == Route.Kind.SOCKET || route.kind() == Route.Kind.NO_UPGRADE) {
      response.getHeaders().put(HttpHeader.UPGRADE, "websocket");
      response.getHeaders().put(HttpHeader.SEC_WEBSOCKET_VERSION, VERSION);
      refuse(Route.parse(request.getMethod(), target, false), response, callback);
      return true;
    }
    if (wantsSocket) {
      // Javalin would answer these in its own words.
      refuse(route, response, callback);
      return true;
    }
    return super.handle(request, response, callback);
  }

  private boolean upgrade(String namespace, Request request, Response response, Callback callback) {
    return webSockets.upgrade(
        new WebSocketNegotiator() {
          @Override
          public FrameHandler negotiate(
              ServerUpgradeRequest wanted, ServerUpgradeResponse offered, Callback done) {
            // Compression would cost more than it saves on one machine.
            offered.setExtensions(List.of());
            ObjectSocket socket = objects.newSocket(namespace);
            EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
            if (endPoint instanceof PatientEndPoint patient) {
              patient.holdEndWhile(socket::isAsked);
              socket.whenAnswered(patient::answered);
            }
            return socket;
          }
        },
        request,
        response,
        callback,
        settings);
  }

  private static void refuse(Route route, Response response, Callback callback) {
    HttpError error = HttpError.of(route);
    response.setStatus(error.status());
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, HttpError.CONTENT_TYPE);
    Content.Sink.write(response, true, error.body(), callback);
  }
}
