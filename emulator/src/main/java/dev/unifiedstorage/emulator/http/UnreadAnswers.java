package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.protocol.Route;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingCallback;

/**
 * Takes an answer from the thread that has made it, so that no thread waits for a client to read.
 *
 * <p>A servlet writes and waits: a few dozen clients that do not read their answers would have all
 * the threads there are, until Jetty gives up their connections. What they have yet to read is kept
 * here, in memory, and a connection ends when that is too much. Exports, which are of any length,
 * have threads of their own, which wait.
 */
final class UnreadAnswers extends Handler.Wrapper {
  /** The most that answers which are not read may hold together. */
  private static final long MAX_HELD_BYTES = Runtime.getRuntime().maxMemory() / 8;

  private final AtomicLong heldBytes = new AtomicLong();

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    String target = request.getHttpURI().getPathQuery();
    Route route = Route.parse(request.getMethod(), target, false);
    if (route.kind() == Route.Kind.EXPORT) {
      return super.handle(request, response, callback);
    }
    Held held = new Held(request, response, callback);
    return super.handle(request, held, Callback.from(held::end, held::fail));
  }

  /** A piece of an answer; the last one may be empty. */
  private record Piece(boolean last, ByteBuffer bytes) {}

  /** An answer that is written when its client reads it. */
  private final class Held extends Response.Wrapper {
    private final Callback callback;
    private final Queue<Piece> pieces = new ArrayDeque<>();

    /** Whether the servlet has done with it: not before may Jetty be told how it ended. */
    private boolean ended;

    /** Why no more is written; null until then. */
    private Throwable failure;

    /** Writes piece by piece; when the last is written the request is over. */
    private final IteratingCallback writing =
        new IteratingCallback() {
          private int onItsWay;

          @Override
          protected Action process() {
            heldBytes.addAndGet(-onItsWay);
            onItsWay = 0;
            Piece next;
            synchronized (pieces) {
              next = pieces.poll();
              if (next == null) {
                return ended ? Action.SUCCEEDED : Action.IDLE;
              }
            }
            onItsWay = next.bytes.remaining();
            getWrapped().write(next.last, next.bytes, this);
            return Action.SCHEDULED;
          }

          @Override
          protected void onCompleteSuccess() {
            callback.succeeded();
          }

          @Override
          protected void onCompleteFailure(Throwable cause) {
            heldBytes.addAndGet(-onItsWay);
            if (giveUp(cause)) {
              callback.failed(cause);
            }
          }
        };

    Held(Request request, Response response, Callback callback) {
      super(request, response);
      this.callback = callback;
    }

    /** Takes it, and says so at once: its buffer is the servlet's, who goes on to use it. */
    @Override
    public void write(boolean last, ByteBuffer bytes, Callback taken) {
      Throwable refused =
          take(last, BufferUtil.copy(bytes == null ? BufferUtil.EMPTY_BUFFER : bytes));
      if (refused == null) {
        BufferUtil.clear(bytes);
        writing.iterate();
        taken.succeeded();
      } else {
        writing.abort(refused);
        taken.failed(refused);
      }
    }

    /** Why it is not taken, or null. */
    private Throwable take(boolean last, ByteBuffer bytes) {
      synchronized (pieces) {
        if (failure != null) {
          return failure;
        }
        if (heldBytes.addAndGet(bytes.remaining()) > MAX_HELD_BYTES) {
          heldBytes.addAndGet(-bytes.remaining());
          return new IOException("too many answers are not read");
        }
        pieces.add(new Piece(last, bytes));
        return null;
      }
    }

    /** Forgets what is not written; whether the servlet has ended before. */
    private boolean giveUp(Throwable cause) {
      synchronized (pieces) {
        failure = cause;
        for (Piece piece : pieces) {
          heldBytes.addAndGet(-piece.bytes.remaining());
        }
        pieces.clear();
        return ended;
      }
    }

    private void end() {
      Throwable failed;
      synchronized (pieces) {
        ended = true;
        failed = failure;
      }
      if (failed == null) {
        writing.iterate();
      } else {
        callback.failed(failed);
      }
    }

    private void fail(Throwable cause) {
      boolean over;
      synchronized (pieces) {
        ended = true;
        over = failure != null;
      }
      if (over) {
        callback.failed(cause);
      } else {
        writing.abort(cause);
      }
    }
  }
}
