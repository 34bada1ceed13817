package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.access.Admission;
import dev.unifiedstorage.emulator.object.DurableObjects;
import dev.unifiedstorage.emulator.object.HttpError;
import dev.unifiedstorage.emulator.object.ObjectSocket;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.protocol.Route;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
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
  private static final int ADMISSION_TIMEOUT_S = 10;

  private final DurableObjects objects;
  private final Json json = new JsoniterJson();
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

  /** Asks the object first: it knows how many sockets there are, and its tickets. */
  private boolean upgrade(String namespace, Request request, Response response, Callback callback)
      throws InterruptedException {
    CompletableFuture<ObjectSocket> admitted = new CompletableFuture<>();
    Admission[] admission = new Admission[1];
    objects.admit(
        namespace,
        name -> Carried.header(request, name),
        request.getHttpURI().getPathQuery(),
        (decision, socket) -> {
          admission[0] = decision;
          admitted.complete(socket);
        });
    ObjectSocket socket = await(admitted);
    if (socket == null) {
      HttpReply reply = JsonErrors.reply(response, callback);
      if (admission[0] == null) {
        ReplyWriter.refuse(reply, Refusal.overloaded("the object does not answer", json), json);
      } else {
        Admission refused = admission[0];
        reply.send(refused.status(), HttpError.CONTENT_TYPE, refused.headers(), refused.body());
      }
      return true;
    }
    if (upgrade(socket, request, response, callback)) {
      return true;
    }
    socket.neverOpened();
    return false;
  }

  /** Null when there is none, or none in time: then it is given up when it comes. */
  private static ObjectSocket await(CompletableFuture<ObjectSocket> admitted)
      throws InterruptedException {
    try {
      return admitted.get(ADMISSION_TIMEOUT_S, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      admitted.thenAccept(
          late -> {
            if (late != null) {
              late.neverOpened();
            }
          });
      return null;
    }
  }

  private boolean upgrade(
      ObjectSocket socket, Request request, Response response, Callback callback) {
    return webSockets.upgrade(
        new WebSocketNegotiator() {
          @Override
          public FrameHandler negotiate(
              ServerUpgradeRequest wanted, ServerUpgradeResponse offered, Callback done) {
            // Compression would cost more than it saves on one machine.
            offered.setExtensions(List.of());
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
    JsonErrors.send(HttpError.of(route), response, callback);
  }
}
