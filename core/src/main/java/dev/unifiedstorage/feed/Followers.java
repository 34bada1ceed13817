package dev.unifiedstorage.feed;

import dev.unifiedstorage.port.Peer;
import dev.unifiedstorage.state.Thing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Those who follow, through sockets and in this process, and which things any of them follows. */
final class Followers {
  private final Map<Integer, Subscriber> sockets = new LinkedHashMap<>();
  private final List<ListenerSubscription> listeners = new ArrayList<>();
  private int subscriptions;

  /** How many subscriptions follow each type, and each id; and everything. */
  private final Map<String, Integer> types = new HashMap<>();

  private final Map<String, Integer> ids = new HashMap<>();
  private int everything;

  /** How many subscriptions there are. */
  int subscriptions() {
    return subscriptions;
  }

  boolean isEmpty() {
    return subscriptions == 0;
  }

  /** The clients of sockets; a copy, for one may leave while they are told. */
  List<Subscriber> sockets() {
    return new ArrayList<>(sockets.values());
  }

  /** Those in this process; a copy likewise. */
  List<ListenerSubscription> listeners() {
    return new ArrayList<>(listeners);
  }

  /** The client of a socket, or null when it follows nothing. */
  @Nullable Subscriber socket(@Nullable Peer peer) {
    return sockets.isEmpty() || peer == null ? null : socket(peer.id());
  }

  @Nullable Subscriber socket(int peerId) {
    return sockets.get(peerId);
  }

  void add(SocketSubscription subscription) {
    Subscriber subscriber = subscription.subscriber();
    sockets.put(subscriber.peer().id(), subscriber);
    subscriber.subscriptions.put(subscription.name(), subscription);
    count(subscription, 1);
  }

  void add(ListenerSubscription subscription) {
    listeners.add(subscription);
    count(subscription, 1);
  }

  /** Ends the subscription of that name; whether there was one. */
  boolean remove(Subscriber subscriber, String name) {
    SocketSubscription subscription = subscriber.subscriptions.remove(name);
    if (subscription == null) {
      return false;
    }
    end(subscription);
    if (subscriber.subscriptions.isEmpty()) {
      sockets.remove(subscriber.peer().id());
    }
    return true;
  }

  /** Ends the subscription of one in this process; whether it had not ended. */
  boolean remove(ListenerSubscription subscription) {
    boolean removed = listeners.remove(subscription);
    if (removed) {
      end(subscription);
    }
    return removed;
  }

  /** Ends all subscriptions of a socket. */
  void remove(Subscriber subscriber) {
    sockets.remove(subscriber.peer().id());
    for (SocketSubscription subscription : subscriber.subscriptions.values()) {
      end(subscription);
    }
  }

  private void end(Subscription subscription) {
    if (!subscription.ended) {
      subscription.ended = true;
      count(subscription, -1);
    }
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

  /** Whether anyone follows a thing, as it was or as it is. */
  boolean isFollowed(String id, @Nullable Thing older, @Nullable Thing newer) {
    return everything > 0
        || (newer != null && types.containsKey(newer.type()))
        || (older != null && types.containsKey(older.type()))
        || (!ids.isEmpty() && ids.containsKey(id));
  }
}
