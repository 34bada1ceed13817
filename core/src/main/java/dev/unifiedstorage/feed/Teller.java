package dev.unifiedstorage.feed;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.checkpoint.ThingFinder;
import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.state.Upcasts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells those who follow: of a change at once, or later, when there was no room or everything
 * before it has yet to be told.
 *
 * <p>Who is behind is listed, with the ids to tell of; {@link #catchUp} goes on with a bounded
 * number of them a turn, and looks each up as it is by then.
 */
final class Teller {
  /** The code that sends a client away who can come back at once. */
  static final int CLOSE_CODE = 1012;

  /** How many things one subscription looks at in one turn. */
  private static final int LOOKS_A_TURN = 2_000;

  private final Followers followers;
  private final Things state;
  private final ThingFinder finder;
  private final Clock clock;
  private final Upcasts upcasts;
  private final Json json;
  private final StoreObserver observer;

  /** Those that have something to be told beside what has changed since the last push. */
  private List<Subscription> behind = new ArrayList<>();

  Teller(
      Followers followers,
      Things state,
      ThingFinder finder,
      Clock clock,
      Upcasts upcasts,
      StoreObserver observer) {
    this.followers = followers;
    this.state = state;
    this.finder = finder;
    this.clock = clock;
    this.upcasts = upcasts;
    this.json = upcasts.json();
    this.observer = observer;
  }

  void clear() {
    behind.clear();
  }

  boolean hasBehind() {
    return !behind.isEmpty();
  }

  /** Whether one who is behind can be told something once that is durable. */
  boolean canGoOn(double durableSeq) {
    for (Subscription subscription : behind) {
      boolean ready = subscription.started || subscription.neededSeq <= durableSeq;
      if (ready && !subscription.ended && !subscription.waitsForClient()) {
        return true;
      }
    }
    return false;
  }

  /** What is undone never becomes durable, and its seq is given again. */
  void undone(double seq) {
    for (Subscription subscription : behind) {
      subscription.neededSeq = Math.min(subscription.neededSeq, seq - 1);
    }
  }

  /** Lists a subscription among those that are behind, if it is. */
  void list(Subscription subscription) {
    if (!subscription.listed && subscription.isBehind()) {
      subscription.listed = true;
      behind.add(subscription);
    }
  }

  // ---- at once

  /** Tells of changes at once, or notes them for later. */
  void tell(Subscription subscription, List<Change> changes, double seq, String at) {
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

  // ---- later

  /**
   * Goes on with those who are behind, as far as they take it.
   *
   * @param hidden what is durable of the things whose newest version is not
   */
  void catchUp(Map<String, Thing> hidden, double seq, String at) {
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
      followers.remove(socket.subscriber());
      socket.subscriber().close(CLOSE_CODE, "a thing could not be read; subscribe again");
    } else if (subscription instanceof ListenerSubscription listener) {
      followers.remove(listener);
      listener.listener().failed(String.valueOf(e.getMessage()));
    }
  }

  private void goOn(Subscription subscription, Map<String, Thing> hidden, double seq, String at) {
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
        Change change = new Change(id, null, durable(id, hidden), upcasts);
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
  private @Nullable Thing durable(String id, Map<String, Thing> hidden) {
    return hidden.containsKey(id) ? hidden.get(id) : finder.peek(id);
  }

  /** Notes what a subscription has to be told at its beginning. */
  private void start(Subscription subscription, Map<String, Thing> hidden) {
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
    } else {
      collect(selection.type(), since, todo);
    }
    for (Map.Entry<String, Thing> older : hidden.entrySet()) {
      if (selection.concerns(older.getKey(), older.getValue())) {
        todo.putIfAbsent(older.getKey(), all);
      }
    }
  }

  /**
   * Notes the things of a type, or of all, that are newer than an event: it looks at no more than
   * the rows that are, and at what no row has yet.
   */
  private void collect(@Nullable String type, double since, Map<String, Boolean> todo) {
    boolean all = since < 0;
    if (!all) {
      state.forEachNewerThan(since, type, entry -> todo.putIfAbsent(entry.id(), false));
    }
    for (TypedCollection collection : state.collectionsOf(type)) {
      if (all) {
        collection.forEach(entry -> todo.putIfAbsent(entry.id(), true));
      }
      finder.forEachEvicted(collection.type(), since, thing -> todo.putIfAbsent(thing.id(), all));
    }
  }
}
