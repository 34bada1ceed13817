package dev.unifiedstorage.client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One socket at a time to a store, opened again when it is lost.
 *
 * <p>States, and what leads from one to the next:
 *
 * <pre>
 * OPENING   a socket is being opened          -> GREETING, WAITING
 * GREETING  hello is on its way               -> ONLINE, WAITING
 * ONLINE    requests leave, in frames         -> GREETING (another session), WAITING
 * WAITING   a pause before the next attempt   -> OPENING
 * CLOSED    for good
 * </pre>
 *
 * <p>Requests of one turn of the client's thread leave as one frame. A pause is random between half
 * and all of its length, which doubles from 100 ms to 10 s with each attempt that fails.
 */
final class Connection {
  static final int MESSAGE_BYTES = 1_048_576;

  private static final int FRAME_REQUESTS = 1_000;
  private static final double FIRST_BACKOFF_MS = 100;
  private static final double LONGEST_BACKOFF_MS = 10_000;

  /** A socket that stayed open that long was a success: the next pause is the shortest again. */
  private static final double STEADY_MS = 1_000;

  /** How long a greeting or an answer to a ping may take; less where pings are frequent. */
  private static final double PATIENCE_MS = 10_000;

  private enum State {
    OPENING,
    GREETING,
    ONLINE,
    WAITING,
    CLOSED
  }

  /** Whom a connection tells what happens to it. */
  interface Owner {
    /** The hello of the session, without an id. */
    Map<String, Object> hello();

    /** The store does not keep the session: another hello follows. */
    void sessionExpired(StoreError error);

    void online(Map<String, Object> reply);

    /** The socket is gone; what was sent may or may not have arrived. */
    void offline(StoreError error);

    void received(Map<String, Object> message);
  }

  private final Platform platform;
  private final double heartbeatMs;
  private final double patienceMs;
  private final Owner owner;
  private State state = State.WAITING;
  private Platform.@Nullable Socket socket;
  private int failures;
  private double onlineSinceMs;
  private Runnable cancelTimer = () -> {};
  private List<String> outgoing = new ArrayList<>();

  Connection(Platform platform, double heartbeatMs, Owner owner) {
    this.platform = platform;
    this.heartbeatMs = heartbeatMs;
    this.patienceMs = heartbeatMs == 0 ? PATIENCE_MS : Math.min(PATIENCE_MS, 2 * heartbeatMs);
    this.owner = owner;
  }

  boolean isOnline() {
    return state == State.ONLINE;
  }

  /** From WAITING: the next attempt, now. */
  void open() {
    if (state != State.WAITING) {
      return;
    }
    state = State.OPENING;
    Ears ears = new Ears();
    try {
      ears.own = platform.open(ears);
      socket = ears.own;
      timer(patienceMs, () -> ears.lost("no greeting within " + (int) patienceMs + " ms"));
    } catch (RuntimeException e) {
      pause(new StoreError("UNAVAILABLE", String.valueOf(e.getMessage()), Map.of()));
    }
  }

  /** Another hello on the same socket; nothing else leaves before it is answered. */
  void greetAgain() {
    if (state == State.ONLINE) {
      flush();
      state = State.GREETING;
      greet();
    }
  }

  /** A request, printed, that leaves at the end of this turn; only while online. */
  void send(String request) {
    outgoing.add(request);
    if (outgoing.size() == 1) {
      platform.execute(this::flush);
    }
  }

  void close() {
    state = State.CLOSED;
    drop();
  }

  private void flush() {
    if (state != State.ONLINE) {
      return;
    }
    List<String> requests = outgoing;
    outgoing = new ArrayList<>();
    int from = 0;
    while (from < requests.size()) {
      int to = from + 1;
      int bytes = bytesOf(requests.get(from)) + 2;
      while (to < requests.size() && to - from < FRAME_REQUESTS) {
        bytes += bytesOf(requests.get(to)) + 1;
        if (bytes > MESSAGE_BYTES) {
          break;
        }
        to++;
      }
      List<String> texts = requests.subList(from, to);
      socket().send(texts.size() == 1 ? texts.get(0) : "[" + String.join(",", texts) + "]");
      from = to;
    }
  }

  private Platform.Socket socket() {
    return Objects.requireNonNull(socket);
  }

  /** The bytes of UTF-8; for a text that cannot be too long, as many as it has at most. */
  static int bytesOf(String text) {
    return text.length() < MESSAGE_BYTES / 12
        ? text.length() * 3
        : text.getBytes(StandardCharsets.UTF_8).length;
  }

  private void greet() {
    timer(patienceMs, () -> pause(new StoreError("UNAVAILABLE", "no answer to hello", Map.of())));
    Map<String, Object> hello = new LinkedHashMap<>(owner.hello());
    hello.put("type", "hello");
    hello.put("id", "hello");
    // As a frame: replies and pushes then come in frames too.
    socket().send(JsonText.print(List.of(hello)));
  }

  private void receive(String text) {
    List<?> messages;
    try {
      Object message = JsonText.parse(text);
      messages = message instanceof List<?> list ? list : Collections.singletonList(message);
    } catch (IllegalArgumentException e) {
      pause(new StoreError("PARSE_ERROR", "the store sent what is " + e.getMessage(), Map.of()));
      return;
    }
    if (!messages.stream().allMatch(one -> one instanceof Map)) {
      pause(new StoreError("PARSE_ERROR", "the store sent what is no object", Map.of()));
      return;
    }
    if (state == State.ONLINE) {
      heartbeat();
    }
    for (Object each : messages) {
      @SuppressWarnings("unchecked")
      Map<String, Object> one = (Map<String, Object>) each;
      if ("hello".equals(one.get("id"))) {
        greeted(one);
      } else if (!"ping".equals(one.get("id"))) {
        owner.received(one);
      }
    }
  }

  private void greeted(Map<String, Object> reply) {
    if (state != State.GREETING) {
      return;
    }
    if (!"error".equals(reply.get("status"))) {
      state = State.ONLINE;
      onlineSinceMs = platform.nowMs();
      heartbeat();
      owner.online(reply);
    } else if ("SESSION_EXPIRED".equals(reply.get("code"))) {
      owner.sessionExpired(StoreError.of(reply));
      greet();
    } else if (StoreError.details(reply).get("retryAfterMs") instanceof Double ms) {
      timer(ms, this::greet);
    } else {
      pause(StoreError.of(reply));
    }
  }

  /**
   * After a silence a ping asks whether the other end is there; unanswered, the socket is dropped.
   */
  private void heartbeat() {
    if (heartbeatMs == 0) {
      cancelTimer.run();
      return;
    }
    timer(
        heartbeatMs,
        () -> {
          socket().send("{\"type\":\"ping\",\"id\":\"ping\"}");
          timer(
              patienceMs,
              () -> pause(new StoreError("UNAVAILABLE", "no answer to a ping", Map.of())));
        });
  }

  /** The socket is gone, or there never was one: the next attempt follows a pause. */
  private void pause(StoreError error) {
    if (state == State.CLOSED || state == State.WAITING) {
      return;
    }
    if (state == State.ONLINE && platform.nowMs() - onlineSinceMs >= STEADY_MS) {
      failures = 0;
    }
    state = State.WAITING;
    drop();
    double longestMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * Math.pow(2, failures++));
    timer(longestMs * (0.5 + platform.random() / 2), this::open);
    owner.offline(error);
  }

  private void drop() {
    cancelTimer.run();
    outgoing = new ArrayList<>();
    Platform.Socket gone = socket;
    socket = null;
    if (gone != null) {
      gone.close();
    }
  }

  /** One timer at a time: each state waits for one thing. */
  private void timer(double ms, Runnable task) {
    cancelTimer.run();
    cancelTimer = platform.after(ms, task);
  }

  /** Hears one socket; deaf once that is not the connection's any more. */
  private final class Ears implements Platform.Listener {
    private Platform.@Nullable Socket own;

    private boolean isCurrent() {
      return own != null && own == socket;
    }

    @Override
    public void opened() {
      if (isCurrent()) {
        state = State.GREETING;
        greet();
      }
    }

    @Override
    public void message(String text) {
      if (isCurrent()) {
        receive(text);
      }
    }

    @Override
    public void lost(String why) {
      if (isCurrent()) {
        pause(new StoreError("UNAVAILABLE", why, Map.of()));
      }
    }
  }
}
