package dev.unifiedstorage.client;

import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The JDK's WebSocket, and one daemon thread. */
final class JdkPlatform implements Platform {
  private final ClientOptions options;
  private final HttpClient http = HttpClient.newHttpClient();
  private final ScheduledThreadPoolExecutor thread;

  JdkPlatform(ClientOptions options) {
    this.options = options;
    this.thread =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread created = new Thread(task, "store-client");
              created.setDaemon(true);
              return created;
            });
    thread.setRemoveOnCancelPolicy(true);
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public boolean execute(Runnable task) {
    try {
      thread.execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  @Override
  public Runnable after(double ms, Runnable task) {
    if (thread.isShutdown()) {
      return () -> {};
    }
    ScheduledFuture<?> due = thread.schedule(task, (long) (ms * 1_000_000), TimeUnit.NANOSECONDS);
    return () -> due.cancel(false);
  }

  @Override
  public double nowMs() {
    return System.nanoTime() / 1e6;
  }

  @Override
  public double random() {
    return ThreadLocalRandom.current().nextDouble();
  }

  @Override
  public String secret() {
    return UUID.randomUUID().toString();
  }

  @Override
  public Socket open(Listener listener) {
    WebSocket.Builder builder = http.newWebSocketBuilder();
    if (options.token() != null) {
      builder.header("Authorization", "Bearer " + options.token().get());
    }
    JdkSocket socket = new JdkSocket(listener);
    builder
        .buildAsync(options.url(), socket)
        .whenComplete(
            (opened, error) -> {
              if (error != null) {
                execute(() -> listener.lost(why(error)));
              }
            });
    return socket;
  }

  private static String why(Throwable error) {
    Throwable cause = error instanceof CompletionException ? error.getCause() : error;
    return cause instanceof WebSocketHandshakeException refused
        ? "the server answered " + refused.getResponse().statusCode()
        : String.valueOf(error.getMessage());
  }

  @Override
  public void close() {
    thread.shutdown();
  }

  /** Sends one text after the other, for the JDK takes no second before the first has left. */
  private final class JdkSocket implements Socket, WebSocket.Listener {
    private final Listener listener;
    private final StringBuilder text = new StringBuilder();
    private final CompletableFuture<WebSocket> opened = new CompletableFuture<>();
    private CompletableFuture<WebSocket> sent = opened;

    JdkSocket(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void send(String message) {
      sent = sent.thenCompose(socket -> socket.sendText(message, true));
      sent.exceptionally(
          error -> {
            execute(() -> listener.lost(String.valueOf(error.getMessage())));
            return null;
          });
    }

    @Override
    public void close() {
      // Not a close frame and its answer: the other end may be there no more.
      opened.thenAccept(WebSocket::abort);
    }

    @Override
    public void onOpen(WebSocket socket) {
      opened.complete(socket);
      execute(listener::opened);
      socket.request(1);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        String message = text.toString();
        text.setLength(0);
        execute(() -> listener.message(message));
      }
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      execute(() -> listener.lost("the socket was closed with " + code + " " + reason));
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      execute(() -> listener.lost(String.valueOf(error)));
    }
  }
}
