package dev.unifiedstorage.feed;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.checkpoint.DeletionRows;
import dev.unifiedstorage.checkpoint.ThingFinder;
import dev.unifiedstorage.layout.CorruptRowException;
import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.past.Moments;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Peer;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.protocol.Operation;
import dev.unifiedstorage.protocol.SubscriptionReader;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.state.WriteListener;
import dev.unifiedstorage.wal.Position;
import dev.unifiedstorage.wal.ReplyGate;
import dev.unifiedstorage.wal.Seqs;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Everybody who follows things of this store, and what they have yet to be told.
 *
 * <p>It hears of every write and tells of none before it is durable: writes wait in {@link
 * #applied} with the version that was before them, so that what is told is always the state up to
 * the durable event, whole, whatever has been applied since. A push comes at most once in {@code
 * pushMs}; nothing is armed while there is nothing to push, and nothing is done at all while nobody
 * follows.
 *
 * <p>Subscriptions of sockets outlive the memory in their attachments. An object leaves the memory
 * when it is idle, so a start that finds nothing to replay finds every subscription up to date,
 * those aside that say since when they are behind. After any other start, and when the state is
 * made anew, the sockets are closed: their clients go on by {@code since}.
 */
public final class Feed implements WriteListener {
  /** A message ends behind the thing that reaches this. */
  static final int MESSAGE_BYTES = 1024 * 1024;

  /** What all subscriptions of a socket may take in its attachment, in bytes. */
  public static final int ATTACHMENT_BYTES = 8_000;

  /** The code that sends a client away who can come back at once. */
  private static final int CLOSE_CODE = 1012;

  /** How many things one subscription looks at in one turn. */
  private static final int LOOKS_A_TURN = 2_000;

  /** How often it is looked whether a client has read something. */
  private static final double POLL_MS = 50;

  private record Applied(double seq, String id, Thing older, Thing newer) {}

  private final Things state;
  private final ThingFinder finder;
  private final DeletionRows deletions;
  private final Seqs seqs;
  private final Moments moments;
  private final ReplyGate gate;
  private final Timers timers;
  private final Clock clock;
  private final Json json;
  private final StoreObserver observer;
  private final double pushMs;

  /** What the clients of sockets may see. */
  private Function<Peer, Grant> grants = peer -> Grant.ALL;

  private final Map<Integer, Subscriber> subscribers = new LinkedHashMap<>();
  private final List<ListenerSubscription> listeners = new ArrayList<>();
  private List<Peer> peersAtStart = List.of();
  private int subscriptions;

  /** Whether the state is whole, so that it can be followed. */
  private boolean running;

  /** How many subscriptions follow each type, and each id; and everything. */
  private final Map<String, Integer> types = new HashMap<>();

  private final Map<String, Integer> ids = new HashMap<>();
  private int everything;

  /** The writes that are not durable, oldest first. */
  private final ArrayDeque<Applied> applied = new ArrayDeque<>();

  /** What has become durable since the last push, by id. */
  private Map<String, Change> changed = new LinkedHashMap<>();

  /** Those that have something to be told beside what has changed since the last push. */
  private List<Subscription> behind = new ArrayList<>();

  private Timers.Timer timer = Timers.NONE;
  private boolean due;

  /** Whether a listener may be writing in the middle of a push, which goes on after that. */
  private boolean pushing;

  private double lastPushMs = Double.NEGATIVE_INFINITY;

  public Feed(
      Things state,
      ThingFinder finder,
      DeletionRows deletions,
      Seqs seqs,
      Moments moments,
      ReplyGate gate,
      Timers timers,
      Clock clock,
      Json json,
      StoreObserver observer,
      double pushMs) {
    this.state = state;
    this.finder = finder;
    this.deletions = deletions;
    this.seqs = seqs;
    this.moments = moments;
    this.gate = gate;
    this.timers = timers;
    this.clock = clock;
    this.json = json;
    this.observer = observer;
    this.pushMs = pushMs;
  }

  /** Says what the client of a socket with a subscription may see; by default everything. */
  public void showsBy(Function<Peer, Grant> grantOf) {
    grants = grantOf;
  }

  /** How many subscriptions there are. */
  public int subscriptions() {
    return subscriptions;
  }

  /** Whether nobody waits to be told anything, but for clients who have to say something first. */
  public boolean isIdle() {
    return changed.isEmpty() && !canGoOn(Double.POSITIVE_INFINITY);
  }

  // ---- the life of the store

  /** Says which sockets outlived the memory, before the state is whole. */
  public void socketsAtStart(List<Peer> peers) {
    peersAtStart = new ArrayList<>(peers);
  }

  /**
   * The state is whole: it is followed from now on.
   *
   * @param clean whether nothing had to be replayed on top of what SQLite had
   */
  public void begin(boolean clean) {
    running = true;
    for (Peer peer : peersAtStart) {
      restore(peer, clean);
    }
    peersAtStart = List.of();
    for (ListenerSubscription listener : listeners) {
      listener.begin(seqs.applied());
      list(listener);
    }
    listen();
  }

  /** Whether the state is followed: not from where it is made anew until that has ended. */
  public boolean isRunning() {
    return running;
  }

  private void listen() {
    state.setWriteListener(running && subscriptions > 0 ? this : null);
    if (subscriptions == 0) {
      applied.clear();
      changed.clear();
      behind.clear();
      disarm();
    }
  }

  private void restore(Peer peer, boolean clean) {
    Subscriber subscriber = new Subscriber(peer, gate, grants, json);
    try {
      JsonObject attached = Subscriber.attached(peer, json);
      if (attached == null) {
        return;
      }
      boolean whole = clean && restore(subscriber, attached);
      if (whole) {
        return;
      }
    } catch (RuntimeException e) {
      observer.warning("a socket's subscriptions could not be restored: " + e.getMessage());
    }
    drop(subscriber);
    subscriber.close(CLOSE_CODE, "the store cannot say what this client has seen; subscribe again");
  }

  /** Whether all of them can go on where they were. */
  private boolean restore(Subscriber subscriber, JsonObject attached) {
    JsonArray all = attached.array(Subscriber.subscriptionsMember());
    String behindMember = Subscriber.behindMember();
    boolean anyBehind = attached.kind(behindMember) == JsonKind.OBJECT;
    SubscriptionReader reader = new SubscriptionReader(json);
    boolean whole = true;
    for (int i = 0; i < all.size(); i++) {
      Operation.Subscribe request = reader.read(all.object(i));
      JsonObject marks = anyBehind ? attached.object(behindMember) : json.object();
      boolean late = marks.kind(request.sub()) == JsonKind.STRING;
      Position since = late ? Position.parse(marks.string(request.sub())) : null;
      double sinceSeq = late ? knownSince(since) : seqs.applied();
      SocketSubscription subscription = new SocketSubscription(subscriber, request, sinceSeq);
      add(subscriber, subscription);
      if (!late) {
        subscription.started = true;
        subscription.owes = false;
        subscription.wholeAt = moments.now(seqs.applied());
      } else if (sinceSeq < 0 || !prepare(subscription)) {
        whole = false;
      } else {
        subscription.wholeAt = since.text(json);
        list(subscription);
      }
    }
    return whole;
  }

  /** The object may leave the memory: everybody is told everything, or noted to be behind. */
  public void beforeHibernation() {
    if (subscriptions == 0 || !running) {
      return;
    }
    take(seqs.durable());
    push(seqs.durable());
    for (Subscriber subscriber : subscribers.values()) {
      subscriber.noteBehind();
    }
  }

  @Override
  public void cleared() {
    running = false;
    closeAll("the state is made anew; subscribe again");
    for (ListenerSubscription listener : listeners) {
      listener.listener().restarted();
    }
    applied.clear();
    changed.clear();
    behind.clear();
    listen();
  }

  private void closeAll(String reason) {
    for (Subscriber subscriber : new ArrayList<>(subscribers.values())) {
      drop(subscriber);
      subscriber.close(CLOSE_CODE, reason);
    }
  }

  // ---- who follows

  /** Whether the subscriptions of a socket, with this one, are short enough to be kept with it. */
  public boolean hasRoom(Peer peer, Operation.Subscribe request) {
    Subscriber subscriber = subscribers.get(peer.id());
    Iterable<String> definitions =
        subscriber == null
            ? List.of(request.definition())
            : subscriber.definitionsWith(request.sub(), request.definition());
    return Subscriber.bytes(definitions, json) <= ATTACHMENT_BYTES;
  }

  /**
   * A client follows from now on; what it is told first comes behind the reply.
   *
   * @return whether it is told what has changed, and not everything
   */
  public boolean subscribe(Peer peer, Operation.Subscribe request) {
    Subscriber subscriber = subscribers.get(peer.id());
    if (subscriber == null) {
      subscriber = new Subscriber(peer, gate, grants, json);
      subscribers.put(peer.id(), subscriber);
    }
    remove(subscriber.subscriptions.remove(request.sub()));
    Position since = request.since() == null ? null : Position.parse(request.since());
    SocketSubscription subscription =
        new SocketSubscription(subscriber, request, knownSince(since));
    if (subscription.sinceSeq >= 0 && !prepare(subscription)) {
      subscription.sinceSeq = -1;
    }
    add(subscriber, subscription);
    subscriber.attach();
    subscription.neededSeq = seqs.applied();
    list(subscription);
    return subscription.sinceSeq >= 0;
  }

  /** The seq of a moment of which it can be told what has changed since; negative for none. */
  private double knownSince(Position since) {
    boolean known =
        since != null
            && since.seq() <= seqs.durable()
            && moments.verdict(since) == Life.Verdict.YES
            && !seqs.life().emptied().isBehind(since.life(), since.seq())
            && deletions.knowsAllSince(since.seq());
    return known ? since.seq() : -1;
  }

  /** Notes which things are gone since; false when that cannot be read any more. */
  private boolean prepare(Subscription subscription) {
    subscription.neededSeq = seqs.applied();
    Selection selection = subscription.selection;
    try {
      deletions.forEachSince(
          subscription.sinceSeq,
          deletion -> {
            if (selection.type() == null || selection.type().equals(deletion.type())) {
              subscription.todo.put(deletion.id(), false);
            }
          });
    } catch (CorruptRowException e) {
      observer.warning(e.getMessage() + "; a subscriber is told everything");
      subscription.todo.clear();
      return false;
    }
    if (selection.ids() != null) {
      subscription.todo.keySet().retainAll(selection.idSet());
    }
    return true;
  }

  /** A client follows no more; it does nothing when it did not. */
  public void unsubscribe(Peer peer, String sub) {
    Subscriber subscriber = subscribers.get(peer.id());
    SocketSubscription subscription =
        subscriber == null ? null : subscriber.subscriptions.remove(sub);
    if (subscription == null) {
      return;
    }
    remove(subscription);
    if (subscriber.subscriptions.isEmpty()) {
      subscribers.remove(peer.id());
    }
    subscriber.attach();
    listen();
  }

  /** A socket has closed. */
  public void closed(int peerId) {
    Subscriber subscriber = subscribers.get(peerId);
    if (subscriber != null) {
      drop(subscriber);
    }
    for (int i = peersAtStart.size() - 1; i >= 0; i--) {
      if (peersAtStart.get(i).id() == peerId) {
        peersAtStart.remove(i);
      }
    }
  }

  /** A client has sent a message: it is there, and reads. */
  public void heard(Peer peer) {
    Subscriber subscriber = subscriber(peer);
    if (subscriber != null) {
      subscriber.heard();
    }
  }

  /** A client has sent a frame, so it takes one. */
  public void takesFrames(Peer peer) {
    Subscriber subscriber = subscriber(peer);
    if (subscriber != null) {
      subscriber.takesFrames();
    }
  }

  private Subscriber subscriber(Peer peer) {
    return subscribers.isEmpty() || peer == null ? null : subscribers.get(peer.id());
  }

  /**
   * One in this process follows from now on.
   *
   * @param request null for everything there is
   * @param fromNothing whether what there is now is told first
   * @return ends it
   */
  public Runnable subscribe(
      Operation.Subscribe request, FeedListener listener, boolean fromNothing) {
    Selection selection = request == null ? Selection.ALL : Selection.of(request);
    ListenerSubscription subscription = new ListenerSubscription(selection, listener, fromNothing);
    listeners.add(subscription);
    count(subscription, 1);
    if (running) {
      subscription.begin(seqs.applied());
      list(subscription);
      listen();
    }
    return () -> end(subscription);
  }

  private void end(ListenerSubscription subscription) {
    if (listeners.remove(subscription)) {
      remove(subscription);
      listen();
    }
  }

  private void add(Subscriber subscriber, SocketSubscription subscription) {
    subscribers.put(subscriber.peer().id(), subscriber);
    subscriber.subscriptions.put(subscription.name(), subscription);
    count(subscription, 1);
    listen();
  }

  private void remove(Subscription subscription) {
    if (subscription != null && !subscription.ended) {
      subscription.ended = true;
      count(subscription, -1);
    }
  }

  private void drop(Subscriber subscriber) {
    subscribers.remove(subscriber.peer().id());
    for (SocketSubscription subscription : subscriber.subscriptions.values()) {
      remove(subscription);
    }
    listen();
  }

  private void count(Subscription subscription, int more) {
    subscriptions += more;
    Selection selection = subscription.selection;
    if (selection.isAll()) {
      everything += more;
    } else if (selection.type() != null) {
      count(types, selection.type(), more);
    } else {
      for (String id : selection.idSet()) {
        count(ids, id, more);
      }
    }
  }

  private static void count(Map<String, Integer> counts, String key, int more) {
    Integer before = counts.get(key);
    int now = (before == null ? 0 : before) + more;
    if (now == 0) {
      counts.remove(key);
    } else {
      counts.put(key, now);
    }
  }

  private void list(Subscription subscription) {
    if (!subscription.listed && subscription.isBehind()) {
      subscription.listed = true;
      behind.add(subscription);
    }
  }

  // ---- writes

  @Override
  public void wrote(String id, Thing older, Thing newer, double seq) {
    applied.add(new Applied(seq, id, older, newer));
  }

  @Override
  public void undone(double seq) {
    if (!applied.isEmpty() && applied.peekLast().seq == seq) {
      applied.pollLast();
    }
    for (Subscription subscription : behind) {
      // What is undone never becomes durable, and its seq is given again.
      subscription.neededSeq = Math.min(subscription.neededSeq, seq - 1);
    }
  }

  private boolean isFollowed(String id, Thing older, Thing newer) {
    return everything > 0
        || (newer != null && types.containsKey(newer.type()))
        || (older != null && types.containsKey(older.type()))
        || (!ids.isEmpty() && ids.containsKey(id));
  }

  /** Takes up what is durable by now. */
  private void take(double durableSeq) {
    while (!applied.isEmpty() && applied.peek().seq <= durableSeq) {
      Applied write = applied.poll();
      if (isFollowed(write.id, write.older, write.newer)) {
        Change change = changed.get(write.id);
        if (change == null) {
          changed.put(write.id, new Change(write.id, write.older, write.newer, json));
        } else {
          change.become(write.newer, json);
        }
      }
    }
  }

  // ---- the turn

  /** Pushes what is due, or sees to it that it will be: the end of a turn. */
  public void turn() {
    if (subscriptions == 0 || !running || pushing) {
      return;
    }
    double durableSeq = seqs.durable();
    take(durableSeq);
    if (changed.isEmpty() && !canGoOn(durableSeq)) {
      disarm();
      return;
    }
    double waitMs = due ? 0 : lastPushMs + pushMs - clock.nowMs();
    // More than there can be to wait, when the clock has jumped back.
    if (waitMs <= 0 || waitMs > pushMs) {
      push(durableSeq);
      take(seqs.durable());
      if (changed.isEmpty() && !canGoOn(seqs.durable())) {
        return;
      }
      waitMs = POLL_MS;
    }
    arm(waitMs);
  }

  private void arm(double waitMs) {
    if (timer == Timers.NONE) {
      timer =
          timers.after(
              waitMs,
              () -> {
                timer = Timers.NONE;
                due = true;
              });
    }
  }

  private void disarm() {
    timer.cancel();
    timer = Timers.NONE;
    due = false;
  }

  /** Whether one who is behind can be told something once that is durable. */
  private boolean canGoOn(double durableSeq) {
    for (Subscription subscription : behind) {
      boolean ready = subscription.started || subscription.neededSeq <= durableSeq;
      if (ready && !subscription.ended && !subscription.waitsForClient()) {
        return true;
      }
    }
    return false;
  }

  private void push(double seq) {
    pushing = true;
    try {
      pushAll(seq);
    } finally {
      pushing = false;
    }
  }

  private void pushAll(double seq) {
    disarm();
    lastPushMs = clock.nowMs();
    List<Change> changes = new ArrayList<>(changed.values());
    changed = new LinkedHashMap<>();
    String at = moments.now(seq);
    if (!changes.isEmpty()) {
      for (Subscriber subscriber : subscribers.values()) {
        for (SocketSubscription subscription : subscriber.subscriptions.values()) {
          tell(subscription, changes, seq, at);
        }
      }
      for (ListenerSubscription listener : new ArrayList<>(listeners)) {
        tell(listener, changes, seq, at);
      }
    }
    catchUp(seq, at);
    for (Subscriber subscriber : new ArrayList<>(subscribers.values())) {
      subscriber.flush();
      if (subscriber.isGone()) {
        drop(subscriber);
      }
    }
  }

  /** Tells of changes at once, or notes them for later. */
  private void tell(Subscription subscription, List<Change> changes, double seq, String at) {
    if (!subscription.started) {
      noteBeforeStart(subscription, changes);
      return;
    }
    Grant grant = subscription.grant();
    boolean late = subscription.isBehind();
    double room = -1;
    double bytes = 0;
    for (Change change : changes) {
      if (!change.concerns(subscription.selection)) {
        continue;
      }
      boolean matches = change.matches(subscription.selection, grant);
      if (!late && !matches && !change.matched(subscription.selection, grant)) {
        continue;
      }
      if (room < 0) {
        room = late ? 0 : Math.max(0, subscription.room());
      }
      if (bytes >= room) {
        late = true;
        subscription.todo.putIfAbsent(change.id(), false);
      } else if (matches) {
        bytes += subscription.add(change, json);
      } else {
        bytes += subscription.addNull(change.id(), json);
      }
    }
    if (!subscription.isMessageEmpty()) {
      boolean more = !subscription.todo.isEmpty();
      subscription.send(seq, at, more);
      subscription.owes = more;
    }
    if (!subscription.isBehind()) {
      subscription.sinceSeq = seq;
    }
    list(subscription);
  }

  /** It begins with the state as it is by then, in which what is gone by then is not found. */
  private static void noteBeforeStart(Subscription subscription, List<Change> changes) {
    boolean unknown = subscription.sinceSeq < 0;
    for (Change change : changes) {
      if (change.concerns(subscription.selection)) {
        subscription.todo.putIfAbsent(change.id(), unknown);
      }
    }
  }

  /** Goes on with those who are behind, as far as they take it. */
  private void catchUp(double seq, String at) {
    if (behind.isEmpty()) {
      return;
    }
    // What is not durable yet hides what is: the version before the first such write counts.
    Map<String, Applied> hidden = new HashMap<>();
    for (Applied write : applied) {
      hidden.putIfAbsent(write.id, write);
    }
    List<Subscription> all = behind;
    behind = new ArrayList<>();
    for (Subscription subscription : all) {
      subscription.listed = false;
      if (subscription.ended) {
        continue;
      }
      try {
        goOn(subscription, hidden, seq, at);
      } catch (RuntimeException e) {
        fail(subscription, e);
        continue;
      }
      list(subscription);
    }
  }

  private void fail(Subscription subscription, RuntimeException e) {
    observer.error("a subscriber cannot be told what has changed: " + e.getMessage());
    if (subscription instanceof SocketSubscription socket) {
      drop(socket.subscriber());
      socket.subscriber().close(CLOSE_CODE, "a thing could not be read; subscribe again");
    } else if (subscription instanceof ListenerSubscription listener) {
      end(listener);
      listener.listener().failed(String.valueOf(e.getMessage()));
    }
  }

  private void goOn(Subscription subscription, Map<String, Applied> hidden, double seq, String at) {
    if (!subscription.started) {
      if (subscription.neededSeq > seq) {
        return;
      }
      start(subscription, hidden);
    }
    Grant grant = subscription.grant();
    int looks = LOOKS_A_TURN;
    while (subscription.isBehind() && looks > 0) {
      double room = subscription.room();
      if (room <= 0) {
        isKeptWaiting(subscription);
        return;
      }
      double bytes = 0;
      var left = subscription.todo.entrySet().iterator();
      while (left.hasNext() && bytes < room && looks > 0) {
        Map.Entry<String, Boolean> next = left.next();
        String id = next.getKey();
        boolean unknown = next.getValue();
        Change change = new Change(id, null, durable(id, hidden), json);
        looks--;
        left.remove();
        if (change.matches(subscription.selection, grant)) {
          bytes += subscription.add(change, json);
        } else if (!unknown) {
          bytes += subscription.addNull(id, json);
        }
      }
      boolean more = !subscription.todo.isEmpty();
      if (!more || !subscription.isMessageEmpty()) {
        subscription.owes = more;
        subscription.send(seq, at, more);
      }
      if (!more) {
        subscription.sinceSeq = seq;
        caughtUp(subscription);
      }
    }
  }

  private void isKeptWaiting(Subscription subscription) {
    if (subscription instanceof SocketSubscription socket) {
      if (subscription.waitsForClient()) {
        // No timer waits for it: the object may leave the memory meanwhile.
        socket.subscriber().noteBehind();
      } else {
        socket.subscriber().checkStuck(clock.nowMs());
      }
    }
  }

  private static void caughtUp(Subscription subscription) {
    if (subscription instanceof SocketSubscription socket) {
      socket.subscriber().notStuck();
      socket.subscriber().noteBehind();
    }
  }

  /** A thing as it is up to the durable event, or null. */
  private Thing durable(String id, Map<String, Applied> hidden) {
    Applied write = hidden.get(id);
    return write != null ? write.older : finder.peek(id);
  }

  /** Notes what a subscription has to be told at its beginning. */
  private void start(Subscription subscription, Map<String, Applied> hidden) {
    subscription.started = true;
    Selection selection = subscription.selection;
    double since = subscription.sinceSeq;
    Map<String, Boolean> todo = subscription.todo;
    boolean all = since < 0;
    if (selection.ids() != null) {
      for (String id : selection.ids()) {
        Thing thing = all ? null : finder.peek(id);
        if (all || (thing != null && thing.seq() > since)) {
          todo.putIfAbsent(id, all);
        }
      }
    } else if (selection.type() != null) {
      collect(selection.type(), since, todo);
    } else {
      for (TypedCollection collection : new ArrayList<>(state.collections())) {
        collect(collection.type(), since, todo);
      }
    }
    for (Applied write : hidden.values()) {
      if (selection.concerns(write.id, write.older)) {
        todo.putIfAbsent(write.id, all);
      }
    }
  }

  /** Notes the things of a type that are newer than an event. */
  private void collect(String type, double since, Map<String, Boolean> todo) {
    TypedCollection collection = state.existingCollection(type);
    if (collection == null) {
      return;
    }
    boolean all = since < 0;
    collection.forEach(
        entry -> {
          if (all || entry.isNewerThan(since)) {
            todo.putIfAbsent(entry.id(), all);
          }
        });
    if (collection.evicted() > 0) {
      finder.forEachEvicted(
          type,
          thing -> {
            if (all || thing.seq() > since) {
              todo.putIfAbsent(thing.id(), all);
            }
          });
    }
  }
}
