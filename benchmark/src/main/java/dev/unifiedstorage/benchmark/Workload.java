package dev.unifiedstorage.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * What one socket sends, one request after another, as text.
 *
 * <p>Every socket has its own, seeded by its number, so that a run's requests do not depend on how
 * the sockets interleave. Text is put together by hand, because a generator on the same two cores
 * as the server it measures must cost little.
 */
final class Workload {
  /** The kinds of load, and how many sockets each is driven through unless told otherwise. */
  enum Kind {
    /** Creates of new things. */
    CREATE(8, 64),
    /** Half updates, half reads, over many things. */
    MIX(8, 64),
    /** Batches of 100 creates. */
    BATCH(8, 4),
    /** Updates of one thing. */
    HOT(8, 64),
    /** Updates from many sockets, each of a thing of its own. */
    FAN_IN(200, 3);

    private final int sockets;
    private final int outstanding;

    Kind(int sockets, int outstanding) {
      this.sockets = sockets;
      this.outstanding = outstanding;
    }

    static Kind named(String name) {
      try {
        return valueOf(name.replace('-', '_').toUpperCase(Locale.ROOT));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "--workload is create, mix, batch, hot or fan-in, not " + name, e);
      }
    }

    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    int sockets() {
      return sockets;
    }

    int outstanding() {
      return outstanding;
    }
  }

  /** Operations of one batch. */
  static final int BATCH_SIZE = 100;

  /** Things of a mix, unless told otherwise. */
  static final int MIX_THINGS = 10_000;

  private final Kind kind;
  private final int socket;
  private final String idPrefix;
  private final String padding;
  private final int things;
  private final SplittableRandom random;
  private long next;

  /**
   * @param things how many things a mix changes and reads
   */
  Workload(Kind kind, String run, int socket, int messageBytes, int things) {
    this.kind = kind;
    this.things = things;
    this.socket = socket;
    this.idPrefix = "sensor_" + run + "_" + socket + "_";
    this.random = new SplittableRandom(socket);
    StringBuilder bare = new StringBuilder();
    appendCreate(bare, idPrefix, 0, "");
    this.padding =
        "x".repeat(Math.max(0, messageBytes - bare.length() - ",\"id\":\"100000\"".length()));
  }

  /** How many operations one request stands for. */
  int operationsPerRequest() {
    return kind == Kind.BATCH ? BATCH_SIZE : 1;
  }

  /** The requests that make the things this kind changes and reads, sent before the clock runs. */
  List<String> preparation(int sockets) {
    int keys =
        switch (kind) {
          case CREATE, BATCH -> 0;
          case MIX -> things;
          case HOT -> 1;
          case FAN_IN -> sockets;
        };
    List<String> requests = new ArrayList<>();
    for (int from = 0; from < keys; from += BATCH_SIZE) {
      int until = Math.min(keys, from + BATCH_SIZE);
      requests.add(batch("prepare" + from, "key_", from, until));
    }
    return requests;
  }

  /** The next request, with this id. */
  String next(String id) {
    long number = next++;
    return switch (kind) {
      case CREATE -> create(id, number);
      case BATCH -> batch(id, idPrefix, number * BATCH_SIZE, (number + 1) * BATCH_SIZE);
      case MIX -> {
        String key = "key_" + random.nextInt(things);
        yield number % 2 == 0
            ? update(id, key, number)
            : "{\"type\":\"read\",\"id\":\"" + id + "\",\"$ids\":[\"" + key + "\"]}";
      }
      case HOT -> update(id, "key_0", number);
      case FAN_IN -> update(id, "key_" + socket, number);
    };
  }

  private String create(String id, long number) {
    StringBuilder text = new StringBuilder(256);
    text.append("{\"id\":\"").append(id).append("\",");
    appendCreate(text, idPrefix, number, padding);
    return text.toString();
  }

  private String batch(String id, String prefix, long from, long until) {
    StringBuilder text = new StringBuilder(64 + (int) (until - from) * 256);
    text.append("{\"type\":\"batch\",\"id\":\"").append(id).append("\",\"operations\":[");
    for (long number = from; number < until; number++) {
      text.append(number == from ? "{" : ",{");
      appendCreate(text, prefix, number, padding);
    }
    return text.append("]}").toString();
  }

  private static void appendCreate(StringBuilder text, String prefix, long number, String pad) {
    text.append("\"type\":\"create\",\"$type\":\"Sensor\",\"data\":{\"$id\":\"").append(prefix);
    text.append(number).append("\",\"reading\":").append(number % 1_000);
    text.append(",\"note\":\"").append(pad).append("\"}}");
  }

  private static String update(String id, String key, long number) {
    return "{\"type\":\"update\",\"id\":\""
        + id
        + "\",\"$id\":\""
        + key
        + "\",\"data\":{\"reading\":"
        + number
        + ",\"unit\":\"celsius\"}}";
  }
}
