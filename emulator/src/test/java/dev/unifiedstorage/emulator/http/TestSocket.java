package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client that sends messages and waits for replies. */
final class TestSocket implements WebSocket.Listener {
  final WebSocket socket;
  final BlockingQueue<String> replies = new LinkedBlockingQueue<>();
  private final StringBuilder partial = new StringBuilder();

  TestSocket(HttpClient http, int port, String namespace) {
    socket =
        http.newWebSocketBuilder()
            .buildAsync(URI.create("ws://127.0.0.1:" + port + "/stores/" + namespace), this)
            .join();
  }

  void send(String text) {
    socket.sendText(text, true).join();
  }

  JsonObject ask(String text) throws InterruptedException {
    send(text);
    return reply();
  }

  JsonObject askBinary(byte[] bytes) throws InterruptedException {
    socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
    return reply();
  }

  /** The next reply; for one that takes time to pass, the time has to be moved by someone else. */
  JsonObject reply() throws InterruptedException {
    String reply = replies.poll(TestServer.DEADLINE_MS, TimeUnit.MILLISECONDS);
    if (reply == null) {
      throw new AssertionError("no reply within " + TestServer.DEADLINE_MS + " ms");
    }
    return new JsoniterJson().parse(reply);
  }

  @Override
  public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    partial.append(data);
    if (last) {
      replies.add(partial.toString());
      partial.setLength(0);
    }
    webSocket.request(1);
    return null;
  }
}
