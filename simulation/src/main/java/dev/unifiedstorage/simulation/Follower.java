package dev.unifiedstorage.simulation;

import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.Peer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A client that follows things, over a socket that outlives the store's memory: what it puts
 * together is the model's things at every moment that it is told is whole.
 */
final class Follower {
  /** The codes that a store may send a subscriber away with. */
  private static final Set<Integer> CODES = Set.of(1012, 1013);

  /** What it had put together when it was told that this is whole. */
  private record Whole(double seq, Map<String, Object> things) {}

  private final World world;
  private final int number;

  private Socket socket;

  /** The life that its socket is bound to; null while the object sleeps or it has no socket. */
  Life life;

  boolean connected;

  /** What the platform says of what waits: negative when it does not tell. */
  double unsent;

  /** What it follows: a type and a where, or ids. */
  private Map<String, Object> selection = Map.of();

  private Map<String, Object> things = new HashMap<>();
  private String at;
  private boolean subscribed;
  private boolean waits;
  private boolean whole;
  private final List<Whole> unchecked = new ArrayList<>();

  Follower(World world, int number) {
    this.world = world;
    this.number = number;
  }

  /** Whether it has something to follow. */
  boolean follows() {
    return !selection.isEmpty();
  }

  boolean isSubscribed() {
    return subscribed;
  }

  /** Whether nothing that it follows is missing, as far as it was told. */
  boolean isWhole() {
    return whole;
  }

  // ---- what it does

  void connect(Life to, boolean tells) {
    socket = new Socket(world.followers.nextId());
    connected = true;
    subscribed = false;
    waits = false;
    life = to;
    unsent = tells ? 0 : -1;
  }

  void disconnect() {
    connected = false;
    life = null;
    subscribed = false;
    waits = false;
    whole = false;
    unchecked.clear();
  }

  /** Follows other things from now on. */
  void choose(Map<String, Object> other) {
    selection = other;
    at = null;
  }

  void subscribe() {
    Map<String, Object> message = new LinkedHashMap<>(selection);
    message.put("type", "subscribe");
    message.put("id", "follower");
    message.put("sub", "s");
    if (at != null) {
      message.put("since", at);
    }
    waits = true;
    whole = false;
    say(message);
  }

  void unsubscribe() {
    say(Map.of("type", "unsubscribe", "id", "follower", "sub", "s"));
    subscribed = false;
    whole = false;
  }

  void ping() {
    say(Map.of("type", "ping", "id", "follower"));
  }

  private void say(Map<String, Object> message) {
    Life to = life;
    to.note("follower " + number + " says " + message);
    to.event(() -> to.store.onMessage(socket, Texts.print(message)));
  }

  // ---- what it is told

  private void told(String text) {
    life.note("follower " + number + " is told " + text);
    if (text.startsWith("[")) {
      Texts.parseAll(text).forEach(this::take);
    } else {
      take(Texts.parse(text));
    }
  }

  private void take(Map<String, Object> message) {
    if (message.containsKey("id")) {
      reply(message);
      return;
    }
    if (!subscribed) {
      throw new Violation("nothing is pushed unasked", message.toString());
    }
    for (Map.Entry<?, ?> one : ((Map<?, ?>) message.get("things")).entrySet()) {
      if (one.getValue() == null) {
        things.remove(one.getKey());
      } else {
        things.put((String) one.getKey(), one.getValue());
      }
    }
    whole = Boolean.FALSE.equals(message.get("more"));
    if (whole) {
      at = (String) message.get("at");
      unchecked.add(new Whole(Texts.seqOf(at), new HashMap<>(things)));
    }
  }

  private void reply(Map<String, Object> message) {
    if (message.containsKey("mode")) {
      waits = false;
      subscribed = true;
      if (message.get("mode").equals("snapshot")) {
        // What it had is dropped, and with it the position to go on from.
        things = new HashMap<>();
        at = null;
      } else if (at == null) {
        throw new Violation("a subscriber goes on where it was", "changes without a since");
      }
    } else if (waits && "error".equals(message.get("status"))) {
      waits = false;
    }
  }

  /** Holds what it was told against the model, once the model is where the store is. */
  void check(Life by) {
    if (life != by || unchecked.isEmpty()) {
      return;
    }
    for (Whole one : unchecked) {
      if (!by.isOver()) {
        isTheModels(world.model.at(by.head.tip().up(one.seq)), one.things);
      }
    }
    world.figures.pushesChecked += unchecked.size();
    unchecked.clear();
  }

  void isTheModels(Model.Head head) {
    isTheModels(head, things);
  }

  private void isTheModels(Model.Head head, Map<String, Object> put) {
    Map<String, Object> expected = new HashMap<>();
    List<Map<String, Object>> all = new ArrayList<>();
    for (Model.Node node : head.last().values()) {
      if (node.exists()) {
        all.add(node.shown());
      }
    }
    if (selection.get("$ids") instanceof List<?> ids) {
      all.removeIf(thing -> !ids.contains(thing.get("$id")));
    } else {
      String type = (String) selection.get("$type");
      Map<String, Object> where = new LinkedHashMap<>();
      ((Map<?, ?>) selection.get("where")).forEach((key, value) -> where.put((String) key, value));
      all = PlainQuery.all(all, type, where, null);
    }
    for (Map<String, Object> thing : all) {
      expected.put((String) thing.get("$id"), thing);
    }
    if (!Texts.same(expected, put)) {
      throw new Violation(
          "a subscriber has what matches",
          "follower "
              + number
              + " at "
              + head.tip()
              + " of "
              + selection
              + ": expected "
              + expected
              + ", has "
              + put);
    }
  }

  // ---- the socket

  Peer socket() {
    return socket;
  }

  /** One socket: what is done to it once the follower has another one does nothing. */
  private final class Socket implements Connection, Peer {
    private final int id;
    private String attachment = "";

    private Socket(int id) {
      this.id = id;
    }

    private boolean isOpen() {
      return connected && socket == this && life != null;
    }

    @Override
    public void send(String text) {
      if (isOpen()) {
        told(text);
      }
    }

    @Override
    public Peer peer() {
      return this;
    }

    @Override
    public int id() {
      return id;
    }

    @Override
    public String attachment() {
      return attachment;
    }

    @Override
    public void attach(String text) {
      attachment = text;
    }

    @Override
    public boolean push(String text) {
      send(text);
      return isOpen();
    }

    @Override
    public double unsentBytes() {
      return unsent;
    }

    @Override
    public void close(int code, String reason) {
      if (!isOpen()) {
        return;
      }
      if (!CODES.contains(code)) {
        throw new Violation("a subscriber is sent away with a code it knows", code + " " + reason);
      }
      world.trace.note("follower " + number + " is closed: " + code + " " + reason);
      world.figures.followersClosed++;
      disconnect();
    }
  }
}
