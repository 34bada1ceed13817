package dev.unifiedstorage.simulation;

import dev.unifiedstorage.port.HttpHeaders;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.store.HttpRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A client that numbers its writes and sends each again until it has an answer: over sockets of
 * which some have stopped to bring answers, and over HTTP.
 */
final class SessionClient {
  private static final Set<String> PASSING =
      Set.of("OVERLOADED", "RECOVERING", "UNAVAILABLE", "RATE_LIMITED");

  /** So many writes of one client wait for their answers at most. */
  private static final int MOST_PENDING = 40;

  final World world;
  final int number;

  private final List<SessionSocket> sockets = new ArrayList<>();

  /** All writes of the session, and those without an answer. */
  private final TreeMap<Integer, Numbered> all = new TreeMap<>();

  private final TreeMap<Integer, Numbered> pending = new TreeMap<>();

  /** By the id of the request. */
  private final Map<String, Numbered> sent = new HashMap<>();

  private String session;
  private int sessions;
  private int greetings;
  private int greetedNext;

  /** The instance that has a request over HTTP; nothing else is sent until it has answered. */
  private Life http;

  /** The store expects a number that the client has an answer to. */
  private boolean behind;

  SessionClient(World world, int number) {
    this.world = world;
    this.number = number;
    begin();
  }

  private void begin() {
    session = "s" + number + "-" + ++sessions;
    all.clear();
    pending.clear();
    sent.clear();
    behind = false;
    sockets.forEach(socket -> socket.greeted = false);
  }

  // ---- what it does

  /** Something may happen with it. */
  void act(Random random) {
    sockets.removeIf(socket -> !socket.isOpen());
    if (http != null && http.alive()) {
      return;
    }
    http = null;
    int dice = random.nextInt(24);
    SessionSocket socket = socket();
    if (socket == null) {
      if (dice < 12) {
        connect();
      } else if (dice < 15 && sockets.isEmpty()) {
        overHttp(random);
      }
      return;
    }
    if (behind) {
      goOn(socket, random);
      return;
    }
    switch (dice) {
      case 0 -> close(socket);
      case 1 -> socket.deaf = true;
      case 2 -> connect();
      case 3 -> repeat(socket, random);
      case 4 -> write(socket, next(random, all.size() + 2));
      case 5 -> write(socket, next(random, Numbered.NONE));
      case 6, 7 -> overHttp(random);
      case 8, 9, 10 -> sendPending(socket);
      case 11, 12 -> frame(socket, random);
      case 13, 14, 15, 16, 17, 18 -> {
        for (int i = random.nextInt(3); i >= 0 && pending.size() < MOST_PENDING; i--) {
          write(socket, another(random));
        }
      }
      default -> {}
    }
  }

  /** The newest socket that it takes for one that works. */
  private SessionSocket socket() {
    for (int i = sockets.size() - 1; i >= 0; i--) {
      SessionSocket socket = sockets.get(i);
      if (socket.isOpen() && socket.greeted && !socket.deaf) {
        return socket;
      }
    }
    return null;
  }

  /** Opens another socket, says hello, and sends what has no answer. */
  void connect() {
    Life life = world.alive();
    if (!isRunning(life)) {
      return;
    }
    if (sockets.size() > 2) {
      close(sockets.get(0));
      if (!isRunning(life)) {
        return;
      }
    }
    SessionSocket socket = new SessionSocket(this, life);
    sockets.add(socket);
    if (hello(socket)) {
      sendPending(socket);
    } else if (socket.isOpen()) {
      close(socket);
    }
  }

  private static boolean isRunning(Life life) {
    return life.alive() && life.running && !life.rebuilding;
  }

  private boolean hello(SessionSocket socket) {
    greetedNext = pending.isEmpty() ? all.size() + 1 : pending.firstKey();
    Life life = socket.life;
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("type", "hello");
    message.put("id", "hello" + ++greetings);
    message.put("session", session);
    message.put("next", greetedNext);
    life.note("session client " + number + " says " + Texts.print(message));
    socket.greeted = false;
    life.event(() -> life.store.onMessage(socket.connection(life), Texts.print(message)));
    return socket.isOpen() && socket.greeted;
  }

  boolean isGreeting(Map<String, Object> reply) {
    return reply.get("id").equals("hello" + greetings);
  }

  void greeted(Life by, SessionSocket socket, Map<String, Object> reply) {
    by.note("session client " + number + " is greeted " + reply);
    if (by.deceived || PASSING.contains(reply.getOrDefault("code", ""))) {
      return;
    }
    world.once.greeted(by, session, greetedNext, reply);
    if (reply.containsKey("code")) {
      begin();
    } else {
      socket.greeted = true;
      socket.remembers = ((Number) reply.get("next")).intValue() - 1;
      behind = false;
    }
  }

  /** The store has lost answers that the client has: it is told, or left behind. */
  private void goOn(SessionSocket socket, Random random) {
    if (random.nextBoolean()) {
      if (socket.life != null && isRunning(socket.life) && hello(socket)) {
        sendPending(socket);
      }
      return;
    }
    List<Numbered> left = List.copyOf(pending.values());
    begin();
    for (Numbered write : left) {
      keep(write.as(session, all.size() + 1));
    }
  }

  private void close(SessionSocket socket) {
    Life life = socket.life;
    world.once.closes(life, session);
    if (life != null && life.alive()) {
      world.replies.socketClosed(socket);
    }
    socket.disconnect();
    if (life != null) {
      life.event(() -> life.store.onSocketClosed(socket));
    }
  }

  private Numbered next(Random random, int n) {
    return world.workload.numbered(session, n, random);
  }

  private Numbered another(Random random) {
    return keep(next(random, all.size() + 1));
  }

  private Numbered keep(Numbered write) {
    all.put(write.n, write);
    pending.put(write.n, write);
    world.once.begins(write);
    return write;
  }

  /**
   * Sends any write once more, whether it has an answer or not, or a copy comes that was on its
   * way.
   */
  private void repeat(SessionSocket socket, Random random) {
    SessionSocket other = sockets.get(random.nextInt(sockets.size()));
    SessionSocket any = other.isOpen() && other.greeted ? other : socket;
    Life life = wake(any);
    if (life != null && isRunning(life) && !all.isEmpty()) {
      write(any, all.get(1 + random.nextInt(all.size())));
    }
  }

  private void sendPending(SessionSocket socket) {
    for (Numbered write : List.copyOf(pending.values())) {
      if (socket.isOpen()) {
        write(socket, write);
      }
    }
  }

  /** The life that hears a socket; null when there is none, which may have died of its start. */
  private Life wake(SessionSocket socket) {
    if (socket.isOpen() && socket.life == null) {
      world.alive();
    }
    return socket.isOpen() && socket.life != null && socket.life.alive() ? socket.life : null;
  }

  private void write(SessionSocket socket, Numbered write) {
    if (!socket.greeted) {
      // The session that it belongs to is not this one any more.
      return;
    }
    Life life = wake(socket);
    // What is kept until a start has ended is planned all at once.
    if (life != null && (life.running || world.once.isDue(life, write))) {
      world.deliver(life, request(socket, write, false));
    }
  }

  private Request request(Client client, Numbered write, boolean names) {
    Request request = world.workload.request(client, write, names);
    sent.put(request.id, write);
    return request;
  }

  private boolean knows(Life life) {
    return world.once.knows(life, session);
  }

  private void frame(SessionSocket socket, Random random) {
    Life life = wake(socket);
    if (life == null || !isRunning(life) || world.takesNoFrame() || !knows(life)) {
      return;
    }
    List<Request> requests = new ArrayList<>();
    pending.values().forEach(write -> requests.add(request(socket, write, false)));
    for (int i = random.nextInt(4); i >= 0 && pending.size() < MOST_PENDING; i--) {
      requests.add(request(socket, another(random), false));
    }
    world.deliver(life, socket, requests);
  }

  /** Sends what has no answer, or something new, as the body of one request. */
  private void overHttp(Random random) {
    Life life = world.alive();
    if (!isRunning(life)) {
      return;
    }
    if (pending.isEmpty()) {
      another(random);
    }
    Client client = new Client(world, number);
    List<Request> requests = new ArrayList<>();
    pending.values().stream()
        .limit(knows(life) ? 1 + random.nextInt(4) : 1)
        .forEach(write -> requests.add(request(client, write, true)));
    String path = "/stores/" + World.NAMESPACE + "/requests";
    String body =
        requests.stream().map(request -> request.text).collect(Collectors.joining(",", "[", "]"));
    http = life;
    for (Request request : requests) {
      world.figures.requests++;
      world.replies.asked(life, request, 0);
    }
    HttpRequest message = new HttpRequest(Route.parse("POST", path, false), HttpHeaders.NONE, body);
    life.event(() -> life.store.onRequest(message, (status, type, text) -> answered(life, text)));
  }

  private void answered(Life by, String text) {
    by.before(PortCall.REPLY);
    http = null;
    for (Map<String, Object> reply : Texts.parseAll(text)) {
      world.replies.replied(by, reply, true);
      if (!by.isOver()) {
        told(reply);
      }
    }
    by.after(PortCall.REPLY);
  }

  /** It has an answer to one of its writes, or is to send it again. */
  void told(Map<String, Object> reply) {
    Numbered write = sent.remove(reply.get("id"));
    if (write == null) {
      return;
    }
    String code = (String) reply.getOrDefault("code", "");
    Object expected = reply.get("details") instanceof Map<?, ?> it ? it.get("expected") : null;
    if (code.equals("SESSION_EXPIRED")) {
      begin();
    } else if (expected instanceof Number next) {
      behind = !pending.isEmpty() && next.intValue() < pending.firstKey();
    } else if (!PASSING.contains(code)) {
      pending.remove(write.n, write);
    }
  }

  // ---- what happens to its sockets

  String session() {
    return session;
  }

  List<SessionSocket> sockets() {
    return sockets;
  }

  /** Whether every write has an answer. */
  boolean isSettled() {
    return pending.isEmpty();
  }

  /** Gives up the sockets that it has, and sends what has no answer until it has one. */
  void settle() {
    http = null;
    if (!pending.isEmpty()) {
      List.copyOf(sockets).forEach(this::close);
      sockets.clear();
      behind = false;
      connect();
    }
  }

  /** Asks once more for answers that it has had. */
  void askAgain(Random random) {
    List.copyOf(sockets).forEach(this::close);
    sockets.clear();
    connect();
    SessionSocket socket = socket();
    for (int i = 0; i < 3 && socket != null; i++) {
      repeat(socket, random);
    }
  }
}
