package dev.unifiedstorage.emulator.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.emulator.time.ManualScheduler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What answers hold that are not read, at a server which has little room for them. */
class HeldAnswersTest {
  private static final int PIECE_BYTES = 64 << 10;
  private static final long ROOM_BYTES = 128L * PIECE_BYTES;

  /** More than there is room for, with all that the machine takes for a client. */
  private static final int LARGE_PIECES = 400;

  private final ManualScheduler scheduler = new ManualScheduler();
  private final UnreadAnswers answers = new UnreadAnswers(scheduler, ROOM_BYTES);
  private final List<Boolean> isDirect = new CopyOnWriteArrayList<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final List<Socket> clients = new ArrayList<>();
  private final Server server = new Server();
  private final ServerConnector connector = new ServerConnector(server, 1, 1);

  @BeforeEach
  void open() throws Exception {
    answers.setHandler(new Answers());
    server.setHandler(
        new Handler.Wrapper(answers) {
          @Override
          public boolean handle(Request request, Response response, Callback callback)
              throws Exception {
            return super.handle(request, new Seen(request, response), callback);
          }
        });
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.start();
  }

  @AfterEach
  void close() throws Exception {
    for (Socket client : clients) {
      client.close();
    }
    server.stop();
  }

  /** Takes note of what comes to the connection. */
  private final class Seen extends Response.Wrapper {
    Seen(Request request, Response response) {
      super(request, response);
    }

    @Override
    public void write(boolean last, ByteBuffer bytes, Callback callback) {
      isDirect.add(bytes != null && bytes.isDirect());
      super.write(last, bytes, callback);
    }
  }

  /** Answers as a servlet does, which waits until each piece is taken. */
  private final class Answers extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      try {
        switch (request.getHttpURI().getPath()) {
          case "/fill" -> {
            while (answers.heldBytes() < ROOM_BYTES) {
              write(response, ByteBuffer.allocate(PIECE_BYTES));
            }
          }
          case "/large" -> {
            for (int i = 0; i < LARGE_PIECES; i++) {
              write(response, ByteBuffer.allocate(PIECE_BYTES));
            }
          }
          case "/broken" -> {
            while (answers.heldBytes() < ROOM_BYTES) {
              write(response, ByteBuffer.allocate(PIECE_BYTES));
            }
            throw new CompletionException(new IOException("it broke"));
          }
          default ->
              write(response, ByteBuffer.allocateDirect(2).put((byte) 'o').put((byte) 'k').flip());
        }
        response.write(true, null, callback);
      } catch (CompletionException e) {
        callback.failed(e.getCause());
        failures.add(e.getCause());
      }
      return true;
    }

    private void write(Response response, ByteBuffer bytes) {
      CompletableFuture<Void> taken = new CompletableFuture<>();
      response.write(
          false, bytes, Callback.from(() -> taken.complete(null), taken::completeExceptionally));
      taken.join();
    }
  }

  private Socket ask(String path) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4_096);
    socket.setSoTimeout((int) TestServer.DEADLINE_MS);
    socket.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), connector.getLocalPort()));
    clients.add(socket);
    ask(socket, path);
    return socket;
  }

  private static void ask(Socket socket, String path) throws IOException {
    String request = "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
  }

  private Socket fill() throws Exception {
    Socket client = ask("/fill");
    TestServer.await(() -> answers.heldBytes() == ROOM_BYTES);
    return client;
  }

  /** Reads up to the end of an answer, or of its connection; whether it is whole. */
  private static boolean isWhole(Socket socket) throws IOException {
    String end = "";
    byte[] some = new byte[PIECE_BYTES];
    try {
      while (!end.endsWith("\r\n0\r\n\r\n")) {
        int count = socket.getInputStream().read(some);
        if (count < 0) {
          return false;
        }
        String more = end + new String(some, 0, count, StandardCharsets.ISO_8859_1);
        end = more.substring(Math.max(0, more.length() - 7));
      }
      return true;
    } catch (SocketException e) {
      return false;
    }
  }

  @Test
  void aSmallAnswerComesThoughOthersHoldAllThatMayBeHeld() throws Exception {
    fill();
    assertTrue(isWhole(ask("/small")));
    Socket large = ask("/large");
    TestServer.await(() -> failures.size() == 1 && answers.heldBytes() == ROOM_BYTES);
    assertFalse(isWhole(large));
    assertTrue(isWhole(ask("/small")));
  }

  @Test
  void anAnswerIsHeldForABoundedTimeHoweverItIsRead() throws Exception {
    Socket slow = fill();
    scheduler.advance(UnreadAnswers.PATIENCE_MS - 1);
    assertEquals('H', slow.getInputStream().read());
    assertTrue(answers.heldBytes() > 0);
    scheduler.advance(1);
    TestServer.await(() -> answers.heldBytes() == 0);
    assertFalse(isWhole(slow));
  }

  @Test
  void anAnswerThatIsReadHasNoBoundAnyMore() throws Exception {
    Socket client = fill();
    assertTrue(isWhole(client));
    TestServer.await(() -> answers.heldBytes() == 0);
    scheduler.advance(UnreadAnswers.PATIENCE_MS);
    ask(client, "/small");
    assertTrue(isWhole(client));
  }

  @Test
  void anAnswerThatBreaksHoldsNothingAnyMore() throws Exception {
    Socket client = ask("/broken");
    TestServer.await(() -> failures.size() == 1 && answers.heldBytes() == 0);
    assertFalse(isWhole(client));
  }

  @Test
  void anAnswerThatIsTooLargeToBeHeldHoldsNothingAnyMore() throws Exception {
    Socket client = ask("/large");
    TestServer.await(() -> failures.size() == 1 && answers.heldBytes() == 0);
    assertFalse(isWhole(client));
  }

  @Test
  void whatIsHeldIsOnTheHeap() throws Exception {
    assertTrue(isWhole(ask("/small")));
    assertEquals(List.of(false, false), isDirect);
  }
}
