package dev.unifiedstorage.benchmark;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unifiedstorage.client.StoreSocket;
import java.util.ArrayDeque;
import java.util.Locale;

/**
 * What one socket sends, one request after another.
 *
 * <p>Every socket has its own, with ids of its own, so that a run's requests do not depend on how
 * the sockets interleave. The ids a mix comes back to are bounded.
 */
final class Workload {
  /** The kinds of load. */
  enum Kind {
    /** Creates only. */
    CREATE,
    /** Of ten: four creates, three updates, two reads, one delete. */
    MIX,
    /** Batches of 50 creates. */
    BATCH;

    static Kind named(String name) {
      try {
        return valueOf(name.toUpperCase(Locale.ROOT));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("--workload is create, mix or batch, not " + name, e);
      }
    }
  }

  private static final int BATCH_SIZE = 50;
  private static final int MAX_LIVE = 10_000;

  private final Kind kind;
  private final String idPrefix;
  private final int messageBytes;
  private final String padding;
  private final ArrayDeque<String> live = new ArrayDeque<>();
  private long next;

  Workload(Kind kind, String idPrefix, int messageBytes) {
    this.kind = kind;
    this.idPrefix = idPrefix;
    this.messageBytes = messageBytes;
    int overhead = create(StoreSocket.JSON.createObjectNode(), "").toString().length();
    this.padding = "x".repeat(Math.max(0, messageBytes - overhead - ",\"id\":1000000".length()));
  }

  /** How many operations one request stands for. */
  int operationsPerRequest() {
    return kind == Kind.BATCH ? BATCH_SIZE : 1;
  }

  /** A create's size in bytes, about. */
  int messageBytes() {
    return messageBytes;
  }

  ObjectNode next() {
    ObjectNode request = StoreSocket.JSON.createObjectNode();
    return switch (kind) {
      case CREATE -> create(request, padding);
      case BATCH -> batch(request);
      case MIX -> mix(request);
    };
  }

  private ObjectNode create(ObjectNode request, String pad) {
    request.put("type", "create").put("$type", "Sensor");
    ObjectNode data = request.putObject("data");
    data.put("$id", idPrefix + next++).put("reading", next % 1_000).put("note", pad);
    return request;
  }

  private ObjectNode batch(ObjectNode request) {
    ArrayNode operations = request.put("type", "batch").putArray("operations");
    for (int i = 0; i < BATCH_SIZE; i++) {
      create(operations.addObject(), padding);
    }
    return request;
  }

  private ObjectNode mix(ObjectNode request) {
    int turn = (int) (next % 10);
    if (turn < 4 || live.isEmpty()) {
      create(request, padding);
      live.add(request.get("data").get("$id").textValue());
      if (live.size() > MAX_LIVE) {
        live.poll();
      }
      return request;
    }
    next++;
    String id = live.poll();
    if (turn == 9) {
      return request.put("type", "delete").put("$id", id);
    }
    live.add(id);
    if (turn < 7) {
      request.put("type", "update").put("$id", id).putObject("data").put("reading", next);
    } else {
      request.put("type", "read").putArray("$ids").add(id);
    }
    return request;
  }
}
