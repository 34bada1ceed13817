package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.access.AccessPolicy;
import dev.unifiedstorage.emulator.object.DurableObjects;
import dev.unifiedstorage.emulator.object.EmulatorDirectory;
import dev.unifiedstorage.emulator.object.HttpError;
import dev.unifiedstorage.emulator.object.Utf8;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.HttpBody;
import dev.unifiedstorage.port.HttpHeaders;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.protocol.Health;
import dev.unifiedstorage.protocol.Limits;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.protocol.RequestReader;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.store.HttpRequest;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/**
 * Every request of HTTP that asks for no socket.
 *
 * <p>Core's {@link Route} says what a path means, so that both targets agree; what only the
 * emulator has, its Pipeline, its archive and its faults, is told apart here.
 */
final class HttpRoutes {
  private static final List<HandlerType> METHODS =
      List.of(
          HandlerType.GET,
          HandlerType.POST,
          HandlerType.PUT,
          HandlerType.PATCH,
          HandlerType.DELETE,
          HandlerType.HEAD,
          HandlerType.OPTIONS);

  private static final String IF_NONE_MATCH = "if-none-match";

  private final DurableObjects objects;
  private final EmulatorDirectory directory;
  private final PipelineRoutes pipelines;
  private final ArchiveRoutes archive;
  private final FaultRoutes faults;
  private final Executor answers;

  /** Where bodies of any length are read and written: each may wait for its client for long. */
  private final Executor streams =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "http-stream");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param archive null when the server has no archive
   * @param faults null when faults cannot be set
   * @param answers where answers are written, for an object's event loop must not wait for a client
   */
  HttpRoutes(
      DurableObjects objects,
      EmulatorDirectory directory,
      PipelineRoutes pipelines,
      ArchiveRoutes archive,
      FaultRoutes faults,
      Executor answers) {
    this.objects = objects;
    this.directory = directory;
    this.pipelines = pipelines;
    this.archive = archive;
    this.faults = faults;
    this.answers = answers;
  }

  void addTo(RoutesConfig routes) {
    for (HandlerType method : METHODS) {
      routes.addHttpHandler(method, "*", this::handle);
    }
    routes.error(
        404,
        "*",
        ctx -> {
          String said = ctx.res().getContentType();
          if (said == null || !said.startsWith(HttpError.CONTENT_TYPE)) {
            Answer.of(HttpError.of(Route.unknown(ctx.method().name(), ctx.path()))).to(ctx);
          }
        });
    routes.exception(
        Exception.class,
        (e, ctx) -> Answer.of(new HttpError(500, "INTERNAL_ERROR", e.toString())).to(ctx));
  }

  private void handle(Context ctx) throws Exception {
    String method = ctx.req().getMethod();
    String path = ctx.req().getRequestURI();
    if (path.startsWith(PipelineRoutes.PREFIX)) {
      pipelines.handle(ctx, method, path.substring(PipelineRoutes.PREFIX.length()));
      return;
    }
    if (archive != null && archive.handle(ctx, method, path)) {
      return;
    }
    if (path.equals(FaultRoutes.PATH) && faults != null) {
      faults.handle(ctx, method);
      return;
    }
    if (InspectorPage.handle(ctx, method, path)) {
      return;
    }
    String query = ctx.req().getQueryString();
    Route route = Route.parse(method, query == null ? path : path + "?" + query, false);
    if (route.kind().isError()) {
      Answer.of(HttpError.of(route)).to(ctx);
    } else if (route.kind() == Route.Kind.HEALTH) {
      health(route).to(ctx);
    } else if (route.kind() == Route.Kind.STORES) {
      String grant = (String) ctx.req().getAttribute(AccessPolicy.GRANT_HEADER);
      Answer.json(directory.page(route, grant)).to(ctx);
    } else {
      ask(ctx, route);
    }
  }

  private Answer health(Route route) {
    if (!route.asksReadiness()) {
      return Answer.json(Health.BODY);
    }
    List<Health> stores = objects.health();
    Health worst = Health.worst(stores);
    return new Answer(worst.httpStatus(), HttpError.CONTENT_TYPE, List.of(), worst.body(stores));
  }

  private void ask(Context ctx, Route route) throws IOException {
    String body = "";
    if (route.kind().hasBody()) {
      byte[] bytes = ctx.req().getInputStream().readNBytes(Limits.MESSAGE_BYTES + 1);
      RequestReader reader = new RequestReader(new JsoniterJson());
      if (bytes.length > Limits.MESSAGE_BYTES) {
        ctx.header("Connection", "close");
        refuse(ctx, reader.tooLarge().refusal());
        return;
      }
      body = Utf8.decode(bytes, bytes.length);
      if (body == null) {
        refuse(ctx, reader.undecodable().refusal());
        return;
      }
    }
    HttpBody stream = route.streams() ? new RequestBody(ctx.req().getInputStream(), streams) : null;
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    objects.request(
        new HttpRequest(route, headers(ctx), body, stream),
        new HttpReply() {
          @Override
          public void send(int status, String contentType, String body) {
            send(status, contentType, List.of(), body);
          }

          @Override
          public void send(int status, String contentType, List<String> headers, String body) {
            answer.complete(new Answer(status, contentType, headers, body));
          }

          @Override
          public void stream(int status, String contentType, HttpBody body) {
            answer.complete(new Answer(status, contentType, List.of(), null, body));
          }
        });
    Answer.later(answer, ctx, route.kind() == Route.Kind.EXPORT ? streams : answers);
  }

  /** What a store asks for, read before another thread does: a request is not made for two. */
  private static HttpHeaders headers(Context ctx) {
    Map<String, String> headers = new HashMap<>();
    headers.put(IF_NONE_MATCH, ctx.header(IF_NONE_MATCH));
    for (String name : List.of(AccessPolicy.GRANT_HEADER, AccessPolicy.CLIENT_HEADER)) {
      headers.put(name, (String) ctx.req().getAttribute(name));
    }
    return headers::get;
  }

  private static void refuse(Context ctx, Refusal refusal) {
    ReplyWriter.refuse(
        (status, contentType, body) -> new Answer(status, contentType, List.of(), body).to(ctx),
        refusal,
        new JsoniterJson());
  }
}
