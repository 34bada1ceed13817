package dev.unifiedstorage.feed;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.port.Attachment;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.Peer;
import dev.unifiedstorage.protocol.UnsentBound;
import dev.unifiedstorage.wal.ReplyGate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A socket with its subscriptions, which its attachment names: a wake finds them there.
 *
 * <p>What is attached changes when a subscription comes or goes, or is left behind by a client that
 * does not read, and not with what is pushed.
 */
final class Subscriber {
  private static final String SUBSCRIPTIONS = "subs";
  private static final String BEHIND = "behind";

  /** A client that reads nothing for so long is sent away: it keeps the object in memory. */
  private static final double STUCK_MS = 60_000;

  private final Peer peer;
  private final ReplyGate gate;
  private final Function<Peer, Grant> grants;
  private final Json json;
  final Map<String, SocketSubscription> subscriptions = new LinkedHashMap<>();

  /** Whether the client has sent a frame, and takes one. */
  private boolean takesFrames;

  private @Nullable JsonWriter gathered;
  private int gatheredCount;
  private double gatheredSeq;
  private double gatheredBytes;
  private boolean gone;
  private String behind = "";

  private double leastUnsent;
  private double stuckSinceMs = -1;

  Subscriber(Peer peer, ReplyGate gate, Function<Peer, Grant> grants, Json json) {
    this.peer = peer;
    this.gate = gate;
    this.grants = grants;
    this.json = json;
  }

  Peer peer() {
    return peer;
  }

  Json json() {
    return json;
  }

  /** What the client may see by its token, which it may have renewed. */
  Grant grant() {
    return grants.apply(peer);
  }

  /** Whether nothing can be sent any more. */
  boolean isGone() {
    return gone;
  }

  void takesFrames() {
    takesFrames = true;
  }

  void heard() {
    for (SocketSubscription subscription : subscriptions.values()) {
      subscription.heard();
    }
  }

  boolean tells() {
    return peer.unsentBytes() >= 0;
  }

  /** How much may be pushed, by what waits to be read. */
  double room() {
    double unsent = peer.unsentBytes();
    if (unsent > UnsentBound.MAX_BYTES) {
      close(UnsentBound.CLOSE_CODE, UnsentBound.REASON);
    }
    return gone || unsent > Feed.MESSAGE_BYTES ? 0 : Feed.MESSAGE_BYTES;
  }

  /** Sends the client away when it has read nothing for long while it has something to read. */
  void checkStuck(double nowMs) {
    double unsent = peer.unsentBytes();
    if (stuckSinceMs < 0 || unsent < leastUnsent || nowMs < stuckSinceMs) {
      stuckSinceMs = nowMs;
      leastUnsent = unsent;
    } else if (nowMs - stuckSinceMs > STUCK_MS) {
      close(UnsentBound.CLOSE_CODE, UnsentBound.REASON);
    }
  }

  void notStuck() {
    stuckSinceMs = -1;
  }

  void close(int code, String reason) {
    if (!gone) {
      gone = true;
      peer.close(code, reason);
    }
  }

  // ---- messages

  void push(double seq, JsonWriter message, double bytes) {
    if (!takesFrames) {
      deliver(seq, message.text());
      return;
    }
    if (gathered != null && gatheredBytes + bytes > Feed.MESSAGE_BYTES) {
      flush();
    }
    gathered = gathered == null ? message : gatheredAnd(gathered, message);
    gatheredCount++;
    gatheredSeq = Math.max(gatheredSeq, seq);
    gatheredBytes += bytes;
  }

  private JsonWriter gatheredAnd(JsonWriter before, JsonWriter message) {
    JsonWriter array = gatheredCount == 1 ? json.writer().raw("[").raw(before) : before;
    return array.raw(",").raw(message);
  }

  /** Sends what has gathered for one frame. */
  void flush() {
    if (gathered != null) {
      String text = (gatheredCount == 1 ? gathered : gathered.raw("]")).text();
      double seq = gatheredSeq;
      gathered = null;
      gatheredCount = 0;
      gatheredBytes = 0;
      gatheredSeq = 0;
      deliver(seq, text);
    }
  }

  private void deliver(double seq, String text) {
    if (!gone && !gate.push(peer, seq, text)) {
      gone = true;
    }
  }

  // ---- the attachment

  /** The bytes of all subscriptions in the attachment, without the list around them. */
  static int bytes(Iterable<String> definitions, Json json) {
    int bytes = 0;
    for (String definition : definitions) {
      bytes += json.utf8Length(definition);
    }
    return bytes;
  }

  private static String array(Iterable<String> definitions, Json json) {
    JsonWriter array = json.writer().raw("[");
    String separator = "";
    for (String definition : definitions) {
      array.raw(separator).raw(definition);
      separator = ",";
    }
    return array.raw("]").text();
  }

  /** The definitions, with another in the place of the one of its name. */
  Iterable<String> definitionsWith(String name, String definition) {
    Map<String, String> all = new LinkedHashMap<>();
    for (SocketSubscription subscription : subscriptions.values()) {
      all.put(subscription.name(), subscription.definition());
    }
    all.put(name, definition);
    return all.values();
  }

  /** Writes down which subscriptions there are. */
  void attach() {
    JsonObject members = Attachment.read(peer, json);
    members.remove(SUBSCRIPTIONS);
    members.remove(BEHIND);
    if (!subscriptions.isEmpty()) {
      Map<String, String> all = new LinkedHashMap<>();
      for (SocketSubscription subscription : subscriptions.values()) {
        all.put(subscription.name(), subscription.definition());
      }
      JsonWriter text = json.writer().raw("{\"").raw(SUBSCRIPTIONS).raw("\":");
      text.raw(array(all.values(), json));
      if (!behind.isEmpty()) {
        text.raw(",\"").raw(BEHIND).raw("\":").raw(behind);
      }
      members.setAll(json.parse(text.raw("}").text()));
    }
    Attachment.write(peer, members, json);
  }

  /** Writes down which subscriptions are behind, and since when, if that has changed. */
  void noteBehind() {
    JsonWriter text = json.writer().raw("{");
    boolean any = false;
    for (SocketSubscription subscription : subscriptions.values()) {
      if (subscription.isBehind()) {
        text.raw(any ? "," : "").string(subscription.name()).raw(":");
        text.string(subscription.wholeAt);
        any = true;
      }
    }
    String now = any ? text.raw("}").text() : "";
    if (!now.equals(behind)) {
      behind = now;
      attach();
    }
  }

  /** The definitions in a socket's attachment, or null when it has none. */
  static @Nullable JsonObject attached(Peer peer, Json json) {
    if (peer.attachment().isEmpty()) {
      return null;
    }
    JsonObject members = Attachment.read(peer, json);
    return members.kind(SUBSCRIPTIONS) == dev.unifiedstorage.port.JsonKind.ARRAY ? members : null;
  }

  static String subscriptionsMember() {
    return SUBSCRIPTIONS;
  }

  static String behindMember() {
    return BEHIND;
  }
}
