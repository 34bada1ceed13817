package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.jvm.time.Scheduler;
import dev.unifiedstorage.protocol.Route;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeoutException;
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
 * here, in memory, and a connection ends when that is too much or takes too long. Exports, which
 * are of any length, have threads of their own, which wait.
 */
final class UnreadAnswers extends Handler.Wrapper {
  /**
   * How long an answer may be held: what a slow line needs for a large one, and no client without
   * end, however few bytes it reads at a time.
   */
  static final long PATIENCE_MS = 60_000;

  /**
   * What an answer may hold however much the others do: a connection has one answer at a time, so
   * the number of connections bounds these together.
   */
  static final int SMALL_BYTES = 64 << 10;

  /** The most that answers which are not read may hold together. */
  private static final long MAX_HELD_BYTES = Runtime.getRuntime().maxMemory() / 8;

  private final Scheduler scheduler;
  private final long maxHeldBytes;
  private final AtomicLong heldBytes = new AtomicLong();

  UnreadAnswers(Scheduler scheduler) {
    this(scheduler, MAX_HELD_BYTES);
  }

  UnreadAnswers(Scheduler scheduler, long maxHeldBytes) {
    this.scheduler = scheduler;
    this.maxHeldBytes = maxHeldBytes;
  }

  /** What all answers hold now. */
  long heldBytes() {
    return heldBytes.get();
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    String target = request.getHttpURI().getPathQuery();
    Route route = Route.parse(request.getMethod(), target, false);
    if (route.kind() == Route.Kind.EXPORT) {
      return super.handle(request, response, callback);
    }
    Held held = new Held(request, response, callback);
    return super.handle(request, held, Callback.from(held::end, held::giveUpAndEnd));
  }

  /** A piece of an answer; the last one may be empty. */
  private record Piece(boolean last, ByteBuffer bytes, int size) {
    /** On the heap: memory outside of it is scarcer, and comes back late. */
    static Piece copyOf(boolean last, ByteBuffer bytes) {
      ByteBuffer copy = ByteBuffer.allocate(BufferUtil.length(bytes));
      if (bytes != null) {
        copy.put(bytes.duplicate()).flip();
      }
      return new Piece(last, copy, copy.remaining());
    }
  }

  /** An answer that is written when its client reads it. */
  private final class Held extends Response.Wrapper {
    private final Callback callback;
    private final Queue<Piece> pieces = new ArrayDeque<>();

    /** The piece that is being written; null when none is. */
    private Piece onItsWay;

    /** What this answer holds: of its pieces, and of the one on its way. */
    private long ownBytes;

    /** What ends it when it is held for too long; null while it holds nothing. */
    private Scheduler.Task bound;

    /** Whether the servlet has done with it: not before may Jetty be told how it ended. */
    private boolean ended;

    /** Why no more is written; null until then. */
    private Throwable failure;

    /** Whether nothing is on its way any more after a failure: not before may Jetty be told. */
    private boolean stopped;

    /** Writes piece by piece; when the last is written the request is over. */
    private final IteratingCallback writing =
        new IteratingCallback() {
          @Override
          protected Action process() throws Throwable {
            Piece next;
            synchronized (pieces) {
              written();
              if (failure != null) {
                throw failure;
              }
              next = pieces.poll();
              if (next == null) {
                return ended ? Action.SUCCEEDED : Action.IDLE;
              }
              onItsWay = next;
            }
            getWrapped().write(next.last, next.bytes, this);
            return Action.SCHEDULED;
          }

          @Override
          protected void onCompleteSuccess() {
            callback.succeeded();
          }

          @Override
          protected void onCompleteFailure(Throwable cause) {
            boolean over;
            synchronized (pieces) {
              written();
              forget(cause);
              stopped = true;
              over = ended;
            }
            if (over) {
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
      Throwable refused = take(Piece.copyOf(last, bytes));
      if (refused == null) {
        BufferUtil.clear(bytes);
        writing.iterate();
        boundWhatIsHeld();
        taken.succeeded();
      } else {
        giveUp(refused);
        taken.failed(refused);
      }
    }

    /** Why it is not taken, or null. */
    private Throwable take(Piece piece) {
      synchronized (pieces) {
        if (failure != null) {
          return failure;
        }
        hold(piece.size);
        if (ownBytes > SMALL_BYTES && heldBytes.get() > maxHeldBytes) {
          hold(-piece.size);
          return new IOException("too many answers are not read");
        }
        pieces.add(piece);
        return null;
      }
    }

    private void boundWhatIsHeld() {
      synchronized (pieces) {
        if (ownBytes > 0 && bound == null) {
          bound = scheduler.after(PATIENCE_MS, this::tookTooLong);
        }
      }
    }

    private void tookTooLong() {
      synchronized (pieces) {
        if (ownBytes == 0) {
          return;
        }
      }
      giveUp(new TimeoutException("an answer was not read within " + PATIENCE_MS + " ms"));
    }

    /** Writes no more: what waits is forgotten now, and what is on its way ends with its line. */
    private void giveUp(Throwable cause) {
      boolean underWay;
      synchronized (pieces) {
        forget(cause);
        underWay = onItsWay != null;
      }
      writing.abort(cause);
      if (underWay) {
        // Until then the write would go on for as long as its client likes.
        getRequest().getConnectionMetaData().getConnection().getEndPoint().close(cause);
      }
    }

    private void giveUpAndEnd(Throwable cause) {
      giveUp(cause);
      end();
    }

    private void end() {
      Throwable failed;
      boolean over;
      synchronized (pieces) {
        ended = true;
        failed = failure;
        over = stopped;
      }
      if (over) {
        callback.failed(failed);
      } else if (failed == null) {
        writing.iterate();
      }
    }

    /** Of the pieces that wait none is written; the first cause is the one that counts. */
    private void forget(Throwable cause) {
      if (failure == null) {
        failure = cause;
      }
      pieces.forEach(piece -> hold(-piece.size));
      pieces.clear();
    }

    private void written() {
      if (onItsWay != null) {
        hold(-onItsWay.size);
        onItsWay = null;
      }
    }

    private void hold(long bytes) {
      ownBytes += bytes;
      heldBytes.addAndGet(bytes);
      if (ownBytes == 0 && bound != null) {
        bound.cancel();
        bound = null;
      }
    }
  }
}
