package dev.unifiedstorage.feed;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.checkpoint.DeletionRows;
import dev.unifiedstorage.checkpoint.ThingFinder;
import dev.unifiedstorage.past.Moments;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.Peer;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.protocol.Operation;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.Upcasts;
import dev.unifiedstorage.state.WriteListener;
import dev.unifiedstorage.wal.Position;
import dev.unifiedstorage.wal.ReplyGate;
import dev.unifiedstorage.wal.Seqs;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Everybody who follows things of this store, and what they have yet to be told.
 *
 * <p>It hears of every write and tells of none before it is durable: writes wait in {@link Untold},
 * and what is told is always the state up to the durable event, whole. {@link Followers} says who
 * follows what, {@link Teller} tells them; when that happens is decided here. A push comes at most
 * once in {@code pushMs}; nothing is armed while there is nothing to push, and nothing is done at
 * all while there are no followers.
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

  /** How often it is looked whether a client has read something. */
  private static final double POLL_MS = 50;

  private final Things state;
  private final Seqs seqs;
  private final Moments moments;
  private final ReplyGate gate;
  private final Timers timers;
  private final Clock clock;
  private final Json json;
  private final double pushMs;

  /** What the clients of sockets may see. */
  private Function<Peer, Grant> grants = peer -> Grant.ALL;

  /** Deletes what has expired: then what is told first is what a query shows, and in the log. */
  private Runnable expirer = () -> {};

  private final Followers followers = new Followers();
  private final Untold untold;
  private final Teller teller;
  private final Resumption resumption;
  private final SocketsAtStart socketsAtStart;

  /** Whether the state is whole, so that it can be followed. */
  private boolean running;

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
      Upcasts upcasts,
      StoreObserver observer,
      double pushMs) {
    this.state = state;
    this.seqs = seqs;
    this.moments = moments;
    this.gate = gate;
    this.timers = timers;
    this.clock = clock;
    this.json = upcasts.json();
    this.pushMs = pushMs;
    this.untold = new Untold(followers, upcasts);
    this.teller = new Teller(followers, state, finder, clock, upcasts, observer);
    this.resumption = new Resumption(seqs, moments, deletions, observer);
    this.socketsAtStart =
        new SocketsAtStart(followers, teller, resumption, seqs, moments, gate, json, observer);
  }

  /** Says what the client of a socket with a subscription may see; by default everything. */
  public void showsBy(Function<Peer, Grant> grantOf) {
    grants = grantOf;
  }

  /** Says what deletes the expired; it is called before anybody is told what there is. */
  public void expiresBy(Runnable deleter) {
    expirer = deleter;
  }

  /** How many subscriptions there are. */
  public int subscriptions() {
    return followers.subscriptions();
  }

  /** Whether there is nothing to tell now: what is left waits until a client says something. */
  public boolean isIdle() {
    return !untold.hasChanges() && !teller.canGoOn(Double.POSITIVE_INFINITY);
  }

  // ---- the life of the store

  /** Says which sockets outlived the memory, before the state is whole. */
  public void socketsAtStart(List<Peer> peers) {
    socketsAtStart.are(peers);
  }

  /**
   * The state is whole: it is followed from now on.
   *
   * @param clean whether nothing had to be replayed on top of what SQLite had
   */
  public void begin(boolean clean) {
    running = true;
    socketsAtStart.restore(clean, grants);
    listen();
    if (!followers.listeners().isEmpty()) {
      // Behind the sockets that stayed: they hear of it as of any write.
      expirer.run();
    }
    for (ListenerSubscription listener : followers.listeners()) {
      listener.begin(seqs.applied());
      teller.list(listener);
    }
  }

  /** Whether the state is followed: not from where it is made anew until that has ended. */
  public boolean isRunning() {
    return running;
  }

  private void listen() {
    state.setWriteListener(running && !followers.isEmpty() ? this : null);
    if (followers.isEmpty()) {
      untold.clear();
      teller.clear();
      disarm();
    }
  }

  /** The object may leave the memory: everybody is told everything, or noted to be behind. */
  public void beforeHibernation() {
    if (followers.isEmpty() || !running) {
      return;
    }
    untold.take(seqs.durable());
    push(seqs.durable());
    for (Subscriber subscriber : followers.sockets()) {
      subscriber.noteBehind();
    }
  }

  @Override
  public void cleared() {
    running = false;
    closeAll("the state is made anew; subscribe again");
    for (ListenerSubscription listener : followers.listeners()) {
      listener.listener().restarted();
    }
    untold.clear();
    teller.clear();
    listen();
  }

  private void closeAll(String reason) {
    for (Subscriber subscriber : followers.sockets()) {
      drop(subscriber);
      subscriber.close(Teller.CLOSE_CODE, reason);
    }
  }

  // ---- who follows

  /** Whether the subscriptions of a socket, with this one, are short enough to be kept with it. */
  public boolean hasRoom(@Nullable Peer peer, Operation.Subscribe request) {
    Subscriber subscriber = followers.socket(peer);
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
    expirer.run();
    Subscriber subscriber = followers.socket(peer);
    if (subscriber == null) {
      subscriber = new Subscriber(peer, gate, grants, json);
    }
    followers.remove(subscriber, request.sub());
    Position since = request.since() == null ? null : Position.parse(request.since());
    SocketSubscription subscription =
        new SocketSubscription(subscriber, request, resumption.knownSince(since));
    if (subscription.sinceSeq >= 0 && !resumption.prepare(subscription)) {
      subscription.sinceSeq = -1;
    }
    followers.add(subscription);
    listen();
    subscriber.attach();
    subscription.neededSeq = seqs.applied();
    teller.list(subscription);
    return subscription.sinceSeq >= 0;
  }

  /** A client follows no more; it does nothing when it did not. */
  public void unsubscribe(@Nullable Peer peer, String sub) {
    Subscriber subscriber = followers.socket(peer);
    if (subscriber != null && followers.remove(subscriber, sub)) {
      subscriber.attach();
      listen();
    }
  }

  /** A socket has closed. */
  public void closed(int peerId) {
    Subscriber subscriber = followers.socket(peerId);
    if (subscriber != null) {
      drop(subscriber);
    }
    socketsAtStart.closed(peerId);
  }

  /** A client has sent a message: it is there, and reads. */
  public void heard(@Nullable Peer peer) {
    Subscriber subscriber = followers.socket(peer);
    if (subscriber != null) {
      subscriber.heard();
    }
  }

  /** A client has sent a frame, so it takes one. */
  public void takesFrames(@Nullable Peer peer) {
    Subscriber subscriber = followers.socket(peer);
    if (subscriber != null) {
      subscriber.takesFrames();
    }
  }

  /**
   * One in this process follows from now on.
   *
   * @param request null for everything there is
   * @param fromNothing whether what there is now is told first
   * @return ends it
   */
  public Runnable subscribe(
      Operation.@Nullable Subscribe request, FeedListener listener, boolean fromNothing) {
    Selection selection = request == null ? Selection.ALL : Selection.of(request);
    ListenerSubscription subscription = new ListenerSubscription(selection, listener, fromNothing);
    if (running && fromNothing) {
      expirer.run();
    }
    followers.add(subscription);
    if (running) {
      subscription.begin(seqs.applied());
      teller.list(subscription);
      listen();
    }
    return () -> end(subscription);
  }

  private void end(ListenerSubscription subscription) {
    if (followers.remove(subscription)) {
      listen();
    }
  }

  private void drop(Subscriber subscriber) {
    followers.remove(subscriber);
    listen();
  }

  // ---- writes

  @Override
  public void wrote(String id, @Nullable Thing older, @Nullable Thing newer, double seq) {
    untold.wrote(id, older, newer, seq);
  }

  @Override
  public void undone(double seq) {
    untold.undone(seq);
    teller.undone(seq);
  }

  // ---- the turn

  /** Pushes what is due, or sees to it that it will be: the end of a turn. */
  public void turn() {
    if (followers.isEmpty() || !running || pushing) {
      return;
    }
    double durableSeq = seqs.durable();
    untold.take(durableSeq);
    if (!untold.hasChanges() && !teller.canGoOn(durableSeq)) {
      disarm();
      return;
    }
    double waitMs = due ? 0 : lastPushMs + pushMs - clock.nowMs();
    // More than there can be to wait, when the clock has jumped back.
    if (waitMs <= 0 || waitMs > pushMs) {
      push(durableSeq);
      untold.take(seqs.durable());
      if (!untold.hasChanges() && !teller.canGoOn(seqs.durable())) {
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
    List<Change> changes = untold.takeChanges();
    String at = moments.now(seq);
    if (!changes.isEmpty()) {
      for (Subscriber subscriber : followers.sockets()) {
        for (SocketSubscription subscription : subscriber.subscriptions.values()) {
          teller.tell(subscription, changes, seq, at);
        }
      }
      for (ListenerSubscription listener : followers.listeners()) {
        teller.tell(listener, changes, seq, at);
      }
    }
    if (teller.hasBehind()) {
      teller.catchUp(untold.hidden(), seq, at);
    }
    for (Subscriber subscriber : followers.sockets()) {
      subscriber.flush();
      if (subscriber.isGone()) {
        followers.remove(subscriber);
      }
    }
    listen();
  }
}
