package example;

import com.jsoniter.JsonIterator;
import com.jsoniter.any.Any;
import com.jsoniter.output.JsonStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One request at a time over a store's WebSocket. A request that finds the store recovering is
 * repeated when the store says so; one that finds the socket closed opens another. A read that loses
 * its socket is asked again; a write is not, because nothing tells whether it was carried out.
 */
final class StoreConnection implements AutoCloseable {
  private static final int DEADLINE_S = 30;
  private static final int MOST_TRIES = 60;

  private final HttpClient http = HttpClient.newHttpClient();
  private final URI store;
  private Replies replies;
  private WebSocket socket;
  private int lastId;

  StoreConnection(URI store) {
    this.store = store;
  }

  /** The reply to a request; an error is a reply too. */
  synchronized Any ask(Map<String, ?> request) throws InterruptedException {
    for (int tries = 1; ; tries++) {
      Any reply = askOnce(request);
      if (!reply.toString("code").equals("RECOVERING") || tries == MOST_TRIES) {
        return reply;
      }
      TimeUnit.MILLISECONDS.sleep(reply.toInt("details", "retryAfterMs"));
    }
  }

  /** The reply to a read, also when the socket is lost while it waits for it. */
  synchronized Any read(Map<String, ?> request) throws InterruptedException {
    try {
      return ask(request);
    } catch (IllegalStateException e) {
      close();
      socket = null;
      return ask(request);
    }
  }

  private Any askOnce(Map<String, ?> request) throws InterruptedException {
    if (socket == null || replies.closed.isDone()) {
      replies = new Replies();
      socket = get(http.newWebSocketBuilder().buildAsync(store, replies));
    }
    Map<String, Object> withId = new HashMap<>(request);
    withId.put("id", ++lastId);
    CompletableFuture<String> reply = replies.next();
    get(socket.sendText(JsonStream.serialize(withId), true));
    return JsonIterator.deserialize(get(reply));
  }

  private static <T> T get(CompletableFuture<T> future) throws InterruptedException {
    try {
      return future.get(DEADLINE_S, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the store cannot be reached", e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("the store gave no answer within " + DEADLINE_S + " s", e);
    }
  }

  @Override
  public synchronized void close() {
    if (socket != null) {
      socket.abort();
    }
  }

  private static final class Replies implements WebSocket.Listener {
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();
    private volatile CompletableFuture<String> waiting;

    CompletableFuture<String> next() {
      waiting = new CompletableFuture<>();
      return waiting;
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        String whole = text.toString();
        text.setLength(0);
        waiting.complete(whole);
      }
      from.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      end(new IllegalStateException("the store closed the socket: " + code + " " + reason));
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      end(error);
    }

    private void end(Throwable why) {
      closed.complete(null);
      CompletableFuture<String> open = waiting;
      if (open != null) {
        open.completeExceptionally(why);
      }
    }
  }
}
