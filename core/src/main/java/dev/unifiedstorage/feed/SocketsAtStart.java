package dev.unifiedstorage.feed;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.past.Moments;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Peer;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.protocol.Operation;
import dev.unifiedstorage.protocol.SubscriptionReader;
import dev.unifiedstorage.wal.Position;
import dev.unifiedstorage.wal.ReplyGate;
import dev.unifiedstorage.wal.Seqs;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The sockets that outlived the memory, until the state is whole: then their subscriptions go on
 * from where their attachments say, or the socket is closed.
 */
final class SocketsAtStart {
  private final Followers followers;
  private final Teller teller;
  private final Resumption resumption;
  private final Seqs seqs;
  private final Moments moments;
  private final ReplyGate gate;
  private final Json json;
  private final StoreObserver observer;
  private final List<Peer> peers = new ArrayList<>();

  SocketsAtStart(
      Followers followers,
      Teller teller,
      Resumption resumption,
      Seqs seqs,
      Moments moments,
      ReplyGate gate,
      Json json,
      StoreObserver observer) {
    this.followers = followers;
    this.teller = teller;
    this.resumption = resumption;
    this.seqs = seqs;
    this.moments = moments;
    this.gate = gate;
    this.json = json;
    this.observer = observer;
  }

  void are(List<Peer> open) {
    peers.clear();
    peers.addAll(open);
  }

  void closed(int peerId) {
    peers.removeIf(peer -> peer.id() == peerId);
  }

  /**
   * Has them go on.
   *
   * @param clean whether nothing had to be replayed on top of what SQLite had
   * @param grants what the clients may see
   */
  void restore(boolean clean, Function<Peer, Grant> grants) {
    for (Peer peer : peers) {
      restore(new Subscriber(peer, gate, grants, json), clean);
    }
    peers.clear();
  }

  private void restore(Subscriber subscriber, boolean clean) {
    try {
      JsonObject attached = Subscriber.attached(subscriber.peer(), json);
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
    followers.remove(subscriber);
    subscriber.close(
        Teller.CLOSE_CODE, "the store cannot say what this client has seen; subscribe again");
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
      double sinceSeq = late ? resumption.knownSince(since) : seqs.applied();
      SocketSubscription subscription = new SocketSubscription(subscriber, request, sinceSeq);
      followers.add(subscription);
      if (!late) {
        subscription.started = true;
        subscription.owes = false;
        subscription.wholeAt = moments.now(seqs.applied());
      } else if (since == null || sinceSeq < 0 || !resumption.prepare(subscription)) {
        whole = false;
      } else {
        subscription.wholeAt = since.text(json);
        teller.list(subscription);
      }
    }
    return whole;
  }
}
