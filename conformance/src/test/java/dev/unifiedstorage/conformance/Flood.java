package dev.unifiedstorage.conformance;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/**
 * What one client sends to a namespace of its own without waiting for any answer.
 *
 * <p>Each is allowed to anybody who may open a socket, and none grows the store without end.
 */
enum Flood {
  /** A thing of a few bytes, as fast as the connection takes it. */
  SMALL_WRITES {
    @Override
    List<byte[]> connections() {
      ByteArrayOutputStream frames = new ByteArrayOutputStream();
      for (int i = 0; i < 1_000; i++) {
        write(frames, put(i % 100, i, "").put("id", i).toString());
      }
      return List.of(frames.toByteArray());
    }
  },

  /** 1,000 puts a message, of nearly the 1 MiB that a message may have. */
  LARGE_BATCHES {
    @Override
    List<byte[]> connections() {
      ByteArrayOutputStream frames = new ByteArrayOutputStream();
      for (int i = 0; i < 4; i++) {
        ObjectNode batch = Session.json("{'type':'batch'}").put("id", i);
        ArrayNode operations = batch.putArray("operations");
        for (int thing = 0; thing < 1_000; thing++) {
          operations.add(put(thing, i, "x".repeat(900)));
        }
        write(frames, batch.toString());
      }
      return List.of(frames.toByteArray());
    }
  },

  /** Counts that look at every thing of a large type, with as many conditions as there may be. */
  QUERIES {
    @Override
    List<byte[]> connections() {
      ByteArrayOutputStream frames = new ByteArrayOutputStream();
      for (int i = 0; i < 16; i++) {
        write(frames, query(60).put("id", i).toString());
      }
      return List.of(frames.toByteArray());
    }
  },

  /** 1,000 such counts a message, each with a few conditions. */
  QUERIES_IN_FRAMES {
    @Override
    List<byte[]> connections() {
      ByteArrayOutputStream frames = new ByteArrayOutputStream();
      ArrayNode frame = Session.json("{'all':[]}").withArray("all");
      for (int i = 0; i < 1_000; i++) {
        frame.add(query(8).put("id", i));
      }
      write(frames, frame.toString());
      return List.of(frames.toByteArray());
    }
  },

  /** Messages that are no JSON, or nested past every bound, on a connection that stays. */
  MALFORMED_MESSAGES {
    @Override
    List<byte[]> connections() {
      ByteArrayOutputStream frames = new ByteArrayOutputStream();
      for (int i = 0; i < 100; i++) {
        write(frames, "{\"type\":\"put\",\"id\":");
        write(frames, "[".repeat(10_000));
        write(frames, "{\"a\":".repeat(2_000) + "1");
        write(frames, "\"" + "\\ud800".repeat(500) + "\"");
      }
      return List.of(frames.toByteArray());
    }
  },

  /** Frames that break the protocol: each ends its connection, and the next one is opened. */
  MALFORMED_FRAMES {
    @Override
    List<byte[]> connections() {
      Random random = new Random(SEED);
      byte[][] all = new byte[200][];
      for (int i = 0; i < all.length; i++) {
        all[i] = Attack.FRAME.bytes(random);
      }
      return List.of(all);
    }

    @Override
    boolean opensItsOwn() {
      return true;
    }
  };

  private static final long SEED = 1;
  private static final String TYPE = "Big";

  /**
   * What is sent: on one connection over and over again, or each on its own where the flood {@link
   * #opensItsOwn}.
   */
  abstract List<byte[]> connections();

  /** The namespace that is flooded; that of one which opens its own is in its bytes. */
  String namespace() {
    return "flooded-" + ordinal();
  }

  /** Whether the bytes begin with an upgrade, and end their connection. */
  boolean opensItsOwn() {
    return false;
  }

  /** Makes the things that the queries look at. */
  void prepare(StoreServer server, int things) throws IOException {
    try (Session s = server.open(namespace())) {
      for (int from = 0; from < things; from += 1_000) {
        ObjectNode batch = Session.json("{'type':'batch'}");
        ArrayNode operations = batch.putArray("operations");
        for (int i = from; i < Math.min(things, from + 1_000); i++) {
          operations.add(thing("big" + i, TYPE, i, "some words of no interest"));
        }
        s.call(batch).ack();
      }
    }
  }

  private static ObjectNode query(int conditions) {
    ObjectNode count = Session.json("{'type':'count'}").put("$type", TYPE);
    ArrayNode any = count.putObject("where").putArray("$or");
    for (int i = 0; i < conditions / 2; i++) {
      any.addObject().putObject("text").put("$contains", "word" + i);
    }
    return count;
  }

  private static ObjectNode put(int thing, int n, String text) {
    return thing("small" + thing, "Small", n, text);
  }

  private static ObjectNode thing(String id, String type, int n, String text) {
    ObjectNode put = Session.json("{'type':'put'}").put("$type", type).put("$id", id);
    put.putObject("data").put("n", n).put("text", text);
    return put;
  }

  private static void write(ByteArrayOutputStream out, String text) {
    byte[] payload = text.getBytes(StandardCharsets.UTF_8);
    Attack.frame(out, 0x81, true, payload.length, payload);
  }
}
