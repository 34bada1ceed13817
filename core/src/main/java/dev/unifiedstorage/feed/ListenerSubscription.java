package dev.unifiedstorage.feed;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.state.Thing;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A subscription of one in the same process. */
final class ListenerSubscription extends Subscription {
  private final FeedListener listener;

  /** Whether what there is at the beginning is told too. */
  private final boolean fromNothing;

  private List<FeedListener.Changed> message = new ArrayList<>();

  ListenerSubscription(Selection selection, FeedListener listener, boolean fromNothing) {
    super(selection, -1);
    this.listener = listener;
    this.fromNothing = fromNothing;
  }

  FeedListener listener() {
    return listener;
  }

  /** It begins to be told, at the present. */
  void begin(double appliedSeq) {
    started = !fromNothing;
    owes = fromNothing;
    todo.clear();
    neededSeq = appliedSeq;
    sinceSeq = -1;
  }

  @Override
  Grant grant() {
    return Grant.ALL;
  }

  @Override
  double room() {
    return Feed.MESSAGE_BYTES;
  }

  @Override
  int add(Change change, Json json) {
    Thing thing = Objects.requireNonNull(change.thing());
    message.add(new FeedListener.Changed(change.id(), thing));
    return thing.bytes();
  }

  @Override
  int addNull(String id, Json json) {
    message.add(new FeedListener.Changed(id, null));
    return id.length();
  }

  @Override
  boolean isMessageEmpty() {
    return message.isEmpty();
  }

  @Override
  void send(double seq, String at, boolean more) {
    List<FeedListener.Changed> changes = message;
    message = new ArrayList<>();
    listener.changed(changes, at, more);
  }
}
