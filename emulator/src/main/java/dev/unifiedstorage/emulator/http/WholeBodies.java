package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.emulator.object.HttpError;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.jvm.time.Scheduler;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Limits;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.protocol.Route;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Hands a request on once its body is there, so that no thread waits for a client.
 *
 * <p>A few dozen clients that send the rest of their bodies late, or never, would have all the
 * threads there are. Bodies of any length are left to their route, which reads them as they come,
 * on threads of their own.
 */
final class WholeBodies extends Handler.Wrapper {
  /**
   * How long a body may take: what a slow line needs for the largest, and no client without end.
   */
  static final long PATIENCE_MS = 30_000;

  /** The most that bodies on their way may hold together. */
  private static final long MAX_HELD_BYTES = Runtime.getRuntime().maxMemory() / 8;

  private final Scheduler scheduler;
  private final Json json = new JsoniterJson();
  private final AtomicLong heldBytes = new AtomicLong();

  WholeBodies(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Route route = Route.parse(request.getMethod(), request.getHttpURI().getPathQuery(), false);
    if (route.streams()) {
      return super.handle(request, response, callback);
    }
    int most = route.kind().hasBody() ? Limits.MESSAGE_BYTES : PipelineRoutes.MAX_BODY_BYTES;
    // One byte more, so that the route can tell.
    new Body(request, response, callback, most + 1).read();
    return true;
  }

  /** One body on its way; it is handed on or refused, whichever comes first. */
  private final class Body {
    private final Request request;
    private final Response response;
    private final Callback callback;
    private final int most;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private Scheduler.Task bound;
    private boolean over;

    Body(Request request, Response response, Callback callback, int most) {
      this.request = request;
      this.response = response;
      this.callback = callback;
      this.most = most;
    }

    /** Takes what has come; called again, by one thread at a time, when more has. */
    void read() {
      Content.Chunk chunk = request.read();
      while (chunk != null && !Content.Chunk.isFailure(chunk)) {
        boolean whole = take(chunk);
        if (heldBytes.get() > MAX_HELD_BYTES) {
          overloaded();
          return;
        }
        if (whole) {
          handOn();
          return;
        }
        chunk = request.read();
      }
      if (chunk == null) {
        awaitMore();
      } else if (chunk.getFailure() instanceof TimeoutException) {
        cameTooLate();
      } else {
        refuse(400, ErrorCode.VALIDATION_ERROR, "expected a whole body, it broke off");
      }
    }

    /** Whether nothing more is wanted. */
    private synchronized boolean take(Content.Chunk chunk) {
      byte[] more = new byte[over ? 0 : Math.min(chunk.remaining(), most - bytes.size())];
      chunk.get(more, 0, more.length);
      chunk.release();
      bytes.writeBytes(more);
      heldBytes.addAndGet(more.length);
      return over || chunk.isLast() || bytes.size() == most;
    }

    private synchronized void awaitMore() {
      if (bound == null) {
        bound = scheduler.after(PATIENCE_MS, this::cameTooLate);
      }
      if (!over) {
        request.demand(this::read);
      }
    }

    private void cameTooLate() {
      refuse(408, ErrorCode.VALIDATION_ERROR, "expected a body within " + PATIENCE_MS + " ms");
    }

    private void overloaded() {
      Refusal refusal = Refusal.overloaded("too many bodies are on their way; send it again", json);
      refuse(reply -> ReplyWriter.refuse(reply, refusal, json));
    }

    private void refuse(int status, ErrorCode code, String message) {
      refuse(new HttpError(status, code.name(), message)::to);
    }

    private void refuse(Consumer<HttpReply> answer) {
      if (isFirstToEnd()) {
        // What is left of the body is not read, so the connection cannot be used again.
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
        answer.accept(JsonErrors.reply(response, callback));
      }
    }

    private void handOn() {
      if (!isFirstToEnd()) {
        return;
      }
      Request whole = new Whole(request, ByteBuffer.wrap(bytes.toByteArray()));
      try {
        if (!WholeBodies.super.handle(whole, response, callback)) {
          Response.writeError(whole, response, callback, 404);
        }
      } catch (Throwable e) {
        Response.writeError(whole, response, callback, e);
      }
    }

    private synchronized boolean isFirstToEnd() {
      if (over) {
        return false;
      }
      over = true;
      heldBytes.addAndGet(-bytes.size());
      if (bound != null) {
        bound.cancel();
      }
      return true;
    }
  }

  /** A request whose body has come. */
  private static final class Whole extends Request.Wrapper {
    private final Content.Source body;

    Whole(Request request, ByteBuffer body) {
      super(request);
      this.body = Content.Source.from(body);
    }

    @Override
    public Content.Chunk read() {
      return body.read();
    }

    @Override
    public void demand(Runnable task) {
      body.demand(task);
    }

    @Override
    public void fail(Throwable failure) {
      body.fail(failure);
    }
  }
}
