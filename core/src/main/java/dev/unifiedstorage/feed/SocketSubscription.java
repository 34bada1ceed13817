package dev.unifiedstorage.feed;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.protocol.Operation;
import org.jspecify.annotations.Nullable;

/** A subscription of a client. */
final class SocketSubscription extends Subscription {
  private final Subscriber subscriber;
  private final Operation.Subscribe request;
  private @Nullable JsonWriter message;
  private double bytes;

  /** What was pushed since the client's last message, in bytes. */
  private double unheardBytes;

  /** The last moment that the client has whole, as a text; "" for none. */
  String wholeAt = "";

  SocketSubscription(Subscriber subscriber, Operation.Subscribe request, double sinceSeq) {
    super(Selection.of(request), sinceSeq);
    this.subscriber = subscriber;
    this.request = request;
  }

  Subscriber subscriber() {
    return subscriber;
  }

  String name() {
    return request.sub();
  }

  /** What is kept of it with the socket: the text of a JSON object. */
  String definition() {
    return request.definition();
  }

  /** The client has sent a message: it is there, and reads. */
  void heard() {
    unheardBytes = 0;
  }

  @Override
  double room() {
    return subscriber.tells() ? subscriber.room() : Feed.MESSAGE_BYTES - unheardBytes;
  }

  @Override
  Grant grant() {
    return subscriber.grant();
  }

  @Override
  boolean waitsForClient() {
    return !subscriber.tells() && unheardBytes >= Feed.MESSAGE_BYTES;
  }

  private JsonWriter next(Json json) {
    if (message == null) {
      message = json.writer().raw("{\"sub\":").string(request.sub()).raw(",\"things\":{");
      return message;
    }
    return message.raw(",");
  }

  @Override
  int add(Change change, Json json) {
    String member = change.member(json);
    next(json).raw(member);
    bytes += change.bytes();
    return change.bytes();
  }

  @Override
  int addNull(String id, Json json) {
    next(json).string(id).raw(":null");
    bytes += id.length() + 8;
    return id.length() + 8;
  }

  @Override
  boolean isMessageEmpty() {
    return message == null;
  }

  @Override
  void send(double seq, String at, boolean more) {
    JsonWriter writer = message == null ? next(subscriber.json()) : message;
    writer.raw("},\"at\":").string(at).raw(more ? ",\"more\":true}" : ",\"more\":false}");
    message = null;
    unheardBytes += bytes;
    if (!more) {
      wholeAt = at;
    }
    subscriber.push(seq, writer, bytes);
    bytes = 0;
  }
}
