package dev.unifiedstorage.driver;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * One WebSocket to a store: requests go out in the order they were sent, replies find their request
 * by {@code id}.
 *
 * <p>At most {@code maxOutstanding} requests wait for a reply; a sender beyond that waits, except
 * on the loop's thread, where waiting would stop the replies and {@link IllegalStateException} is
 * thrown instead. A reply's place goes to its own completion first, so a completion that sends the
 * next request always finds room, also before others that wait. When the connection goes, every
 * waiting future fails.
 */
public final class StoreSocket implements AutoCloseable {
  /** The mapper of every message; shared because it is thread-safe and costly to make. */
  public static final ObjectMapper JSON = new ObjectMapper();

  private static final long RECOVERY_POLL_NANOS = 50_000_000;
  private static final Duration CALL_DEADLINE = Duration.ofMinutes(2);
  private static final int MAX_UNSENT_BYTES = 64 << 20;
  private static final int NO_STATUS = 1005;
  private static final int ABNORMAL = 1006;

  private final SocketLoop loop;
  private final SocketChannel channel;
  private final Frames frames = new Frames();
  private final Semaphore window;
  private final int maxOutstanding;
  private final Map<Object, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final BlockingQueue<JsonNode> uncorrelated = new ArrayBlockingQueue<>(4_096);
  private final AtomicLong nextId = new AtomicLong(1);
  private final CompletableFuture<Integer> closeCode = new CompletableFuture<>();
  private final AtomicBoolean flushQueued = new AtomicBoolean();
  private final Object outLock = new Object();
  private ByteBuffer out = ByteBuffer.allocate(16 * 1024);
  private int codeFromServer = ABNORMAL;

  /** The place of the reply being completed, which its completion may take. Loop thread only. */
  private int freedPlaces;

  StoreSocket(SocketLoop loop, SocketChannel channel, int maxOutstanding) {
    this.loop = loop;
    this.channel = channel;
    this.maxOutstanding = maxOutstanding;
    this.window = new Semaphore(maxOutstanding);
  }

  /** Sends a request as text; an {@code id} is given to it if it has none. */
  public CompletableFuture<JsonNode> send(ObjectNode request) {
    return send(request, Frames.TEXT);
  }

  /** Sends a request as a UTF-8 binary message. */
  public CompletableFuture<JsonNode> sendBinary(ObjectNode request) {
    return send(request, Frames.BINARY);
  }

  /** Sends several requests in one message; an {@code id} is given to those that have none. */
  public List<CompletableFuture<JsonNode>> sendFrame(List<ObjectNode> requests) {
    List<CompletableFuture<JsonNode>> replies = new ArrayList<>();
    for (ObjectNode request : requests) {
      replies.add(expect(request));
    }
    sendFrame(Frames.TEXT, true, bytes(requests));
    if (closeCode.isDone()) {
      failWaiting(new IOException("the socket is closed"));
    }
    return replies;
  }

  /** Sends a request and waits for its reply, 30 s at most. */
  public JsonNode call(ObjectNode request) {
    return await(send(request));
  }

  /**
   * Asks, and asks again while the store recovers, as a client should; the reply at the deadline is
   * the answer, whatever it says.
   */
  public JsonNode callRecovered(ObjectNode request, Duration deadline) {
    long end = System.nanoTime() + deadline.toNanos();
    JsonNode reply = call(request);
    while ("RECOVERING".equals(reply.path("code").asText()) && System.nanoTime() < end) {
      LockSupport.parkNanos(RECOVERY_POLL_NANOS);
      reply = call(request);
    }
    return reply;
  }

  /** Waits for a reply, 30 s at most. */
  public static JsonNode await(CompletableFuture<JsonNode> reply) {
    try {
      return reply.get(CALL_DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("no reply: " + e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("no reply within " + CALL_DEADLINE, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a reply", e);
    }
  }

  private CompletableFuture<JsonNode> send(ObjectNode request, int opcode) {
    CompletableFuture<JsonNode> reply = expect(request);
    return sent(bytes(request), opcode, reply);
  }

  private static byte[] bytes(Object message) {
    try {
      return JSON.writeValueAsBytes(message);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("the request cannot be written as JSON", e);
    }
  }

  private CompletableFuture<JsonNode> expect(ObjectNode request) {
    if (!request.has("id")) {
      request.put("id", nextId.getAndIncrement());
    }
    return expect(key(request.get("id")));
  }

  /** Sends {@code json} as it stands, as text; the reply is the one with {@code id}. */
  public CompletableFuture<JsonNode> sendJson(String json, String id) {
    return send(json.getBytes(StandardCharsets.UTF_8), Frames.TEXT, id);
  }

  private CompletableFuture<JsonNode> send(byte[] bytes, int opcode, Object id) {
    return sent(bytes, opcode, expect(id));
  }

  /** The reply that the request with this id will get. */
  private CompletableFuture<JsonNode> expect(Object id) {
    takePlace();
    CompletableFuture<JsonNode> reply = new CompletableFuture<>();
    if (waiting.putIfAbsent(id, reply) != null) {
      window.release();
      throw new IllegalArgumentException("a request with id " + id + " is still waiting");
    }
    return reply;
  }

  private CompletableFuture<JsonNode> sent(
      byte[] bytes, int opcode, CompletableFuture<JsonNode> reply) {
    sendFrame(opcode, true, bytes);
    if (closeCode.isDone()) {
      failWaiting(new IOException("the socket is closed"));
    }
    return reply;
  }

  /**
   * Waits until a request could be sent at once, so that its latency can be taken from then on. It
   * holds no place: with one sending thread a socket, the place is still there.
   */
  public void awaitRoom() {
    takePlace();
    window.release();
  }

  private void takePlace() {
    if (loop.onLoopThread() && freedPlaces > 0) {
      freedPlaces = 0;
      return;
    }
    if (window.tryAcquire()) {
      return;
    }
    if (loop.onLoopThread()) {
      throw new IllegalStateException(maxOutstanding + " requests are waiting already");
    }
    window.acquireUninterruptibly();
  }

  /**
   * Sends one frame as it stands, whatever its content: for what no well-behaved client sends. Its
   * reply, if it cannot be correlated, comes out of {@link #nextUncorrelated}.
   */
  public void sendFrame(int opcode, boolean fin, byte[] payload) {
    synchronized (outLock) {
      int needed = out.position() + Frames.sizeFor(payload.length);
      if (needed > MAX_UNSENT_BYTES) {
        throw new IllegalStateException("the server takes no more: " + needed + " bytes unsent");
      }
      if (needed > out.capacity()) {
        ByteBuffer larger = ByteBuffer.allocate(Math.max(needed, out.capacity() * 2));
        larger.put(out.flip());
        out = larger;
      }
      Frames.encode(out, opcode, fin, payload);
    }
    if (flushQueued.compareAndSet(false, true)) {
      loop.flushSoon(this);
    }
  }

  /** The next reply whose {@code id} no request waits for, {@code null} ids among them. */
  public JsonNode nextUncorrelated() {
    try {
      JsonNode reply = uncorrelated.poll(CALL_DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
      if (reply == null) {
        throw new IllegalStateException("no reply within " + CALL_DEADLINE);
      }
      return reply;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a reply", e);
    }
  }

  /** How many replies there are now that answer no request. */
  public int uncorrelatedCount() {
    return uncorrelated.size();
  }

  /** How many requests wait for a reply. */
  public int outstanding() {
    return waiting.size();
  }

  /** The code of the server's close frame once the connection has gone; 1006 if it sent none. */
  public CompletableFuture<Integer> closeCode() {
    return closeCode.copy();
  }

  SocketChannel channel() {
    return channel;
  }

  /** Writes what the kernel takes; true when nothing is left. Loop thread only. */
  boolean flush() throws IOException {
    flushQueued.set(false);
    synchronized (outLock) {
      out.flip();
      try {
        channel.write(out);
      } finally {
        // Also when the connection has gone: who sends before that is known needs the room.
        out.compact();
      }
      return out.position() == 0;
    }
  }

  void readAvailable() throws IOException {
    int count;
    while ((count = channel.read(frames.room())) > 0) {
      frames.filled(count, this::received);
    }
    if (count < 0) {
      lost(new IOException("the server closed the connection"));
    }
  }

  private void received(int opcode, byte[] bytes, int offset, int length) throws IOException {
    switch (opcode) {
      case Frames.TEXT, Frames.BINARY -> reply(JSON.readTree(bytes, offset, length));
      case Frames.PING ->
          sendFrame(Frames.PONG, true, Arrays.copyOfRange(bytes, offset, offset + length));
      case Frames.CLOSE -> {
        codeFromServer =
            length < 2 ? NO_STATUS : ByteBuffer.wrap(bytes, offset, 2).getShort() & 0xffff;
        sendFrame(Frames.CLOSE, true, Arrays.copyOfRange(bytes, offset, offset + length));
        flush();
        lost(new IOException("the server closed the socket with code " + codeFromServer));
      }
      default -> {
        // a pong answers nothing we wait for
      }
    }
  }

  /** Takes a reply, or those to a frame. */
  private void reply(JsonNode reply) throws IOException {
    if (reply.isArray()) {
      for (JsonNode one : reply) {
        reply(one);
      }
      return;
    }
    CompletableFuture<JsonNode> future = waiting.remove(key(reply.path("id")));
    if (future != null) {
      freedPlaces = 1;
      future.complete(reply);
      window.release(freedPlaces);
      freedPlaces = 0;
    } else if (!uncorrelated.offer(reply)) {
      throw new IOException("more replies than anybody reads");
    }
  }

  /** Numbers by value and strings by content: 1 and 1.0 are one id, 1 and "1" are two. */
  private static Object key(JsonNode id) {
    return id.isNumber() ? (Object) id.doubleValue() : id.isTextual() ? id.textValue() : "\0none";
  }

  void lost(Exception reason) {
    try {
      channel.close();
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
    closeCode.complete(codeFromServer);
    failWaiting(reason);
  }

  private void failWaiting(Exception reason) {
    for (Object id : List.copyOf(waiting.keySet())) {
      CompletableFuture<JsonNode> future = waiting.remove(id);
      if (future != null) {
        window.release();
        future.completeExceptionally(reason);
      }
    }
  }

  /** Drops the connection at once, without a close frame. */
  public void abort() {
    lost(new IOException("the socket was dropped"));
  }

  /** Says goodbye, waits shortly for the server to do the same, and drops the connection. */
  @Override
  public void close() {
    if (!closeCode.isDone()) {
      try {
        sendFrame(Frames.CLOSE, true, new byte[] {0x03, (byte) 0xe8});
        closeCode.get(2, TimeUnit.SECONDS);
      } catch (ExecutionException | TimeoutException e) {
        // a server that does not answer the goodbye is dropped all the same
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    abort();
  }
}
