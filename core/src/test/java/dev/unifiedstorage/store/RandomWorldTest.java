package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Random worlds against a model: whatever happens, the state is the model's after some number of
 * events, never fewer than were acknowledged.
 *
 * <p>A seed decides the configuration, the operations and the faults: crashes, hibernation, SQLite
 * that refuses, a Pipeline that rejects, hangs, or stores and fails. A failure names its seed.
 */
final class RandomWorldTest {
  private static final int SEEDS = 400;
  private static final int STEPS = 250;
  private static final int IDS = 30;

  /** What one event did to one thing; a null type is a deletion. */
  private record Change(String id, String type, double version, double n) {}

  /** A thing as the model knows it. */
  private record Known(String type, double version, double n) {}

  /** What a reply must say, should it be an ack, and the event it confirms. */
  private record Expected(String code, String id, double version, int events) {}

  private final class World {
    final long seed;
    final Random random;
    final TestStore store = new TestStore();
    final List<Change> history = new ArrayList<>();

    /**
     * What was last undone and refused: its sends may have arrived, until the next write voids
     * them.
     */
    final List<Change> undone = new ArrayList<>();

    final Map<String, Known> model = new HashMap<>();
    final Map<Integer, Expected> open = new HashMap<>();

    /** Whether what was acknowledged must outlive a crash. */
    final boolean safe;

    int requests;
    int ackedEvents;
    int seenReplies;

    World(long seed) {
      this.seed = seed;
      random = new Random(seed);
      String durability = List.of("local", "local", "pipeline", "memory").get(random.nextInt(4));
      boolean archive = random.nextInt(3) == 0;
      safe = durability.equals("local") || (archive && durability.equals("pipeline"));
      store.with("DURABILITY", durability);
      if (archive) {
        store.withArchive();
      }
      store.with(
          "COLUMNAR_THRESHOLD", String.valueOf(List.of(1, 4, 8, 1000).get(random.nextInt(4))));
      store.with("LARGE_COLLECTIONS", random.nextBoolean() ? "packed" : "normalized");
      store.with("DIRTY_COUNT_THRESHOLD", random.nextBoolean() ? "7" : "10000");
      store.with("CHECKPOINT_INTERVAL", List.of("500", "5000", "60000").get(random.nextInt(3)));
      if (random.nextInt(3) == 0) {
        store.with("MAX_ENTRIES", "6").with("LARGE_COLLECTIONS", "normalized");
      }
      if (random.nextBoolean()) {
        store.with("GROUP_COMMIT_MS", random.nextBoolean() ? "0" : "200");
      }
      store.start();
    }

    void run() {
      for (int step = 0; step < STEPS; step++) {
        step();
        takeReplies();
      }
      heal();
      checkState();
      checkPipeline();
      store.close();
    }

    void step() {
      int dice = random.nextInt(100);
      if (dice < 70) {
        operate();
      } else if (dice < 85) {
        store.time.advance(random.nextInt(random.nextInt(8) == 0 ? 20_000 : 300));
      } else if (dice < 88) {
        FakePipeline.Mode[] modes = FakePipeline.Mode.values();
        store.pipeline.setMode(modes[random.nextInt(modes.length)]);
        store.pipeline.releaseHeld();
      } else if (dice < 90) {
        store.sql.setFailing(random.nextInt(3) == 0);
      } else if (dice < 92) {
        store.post("checkpoint");
      } else if (dice < 93) {
        store.store().onAlarm();
      } else if (dice < 94) {
        store.time.jump(-random.nextInt(5000));
      } else if (dice < 95) {
        store.archive.setStalled(random.nextBoolean());
      } else if (dice < 97) {
        restart();
      } else if (store.store().isIdle()) {
        restart();
      }
    }

    void restart() {
      store.sql.setFailing(false);
      store.restart();
      // A recovery that waits for the archive ends once Pipeline and sink work; crash it sometimes.
      while (random.nextInt(4) == 0 && store.stats().string("phase").equals("recovering")) {
        store.time.advance(random.nextInt(3000));
        store.restart();
      }
      if (store.stats().string("phase").equals("recovering")) {
        store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
        store.pipeline.releaseHeld();
        store.archive.setStalled(false);
        store.time.advance(100_000);
      }
      assertEquals("running", store.stats().string("phase"), this::where);
      assertNull(store.startError(), this::where);
      open.clear();
      seenReplies = store.replies.size();
      int applied = (int) store.stats().number("appliedSeq");
      while (applied > history.size() && !undone.isEmpty()) {
        history.add(undone.remove(0));
      }
      assertTrue(applied <= history.size(), () -> where() + ": more events than there ever were");
      if (safe) {
        assertTrue(
            applied >= ackedEvents,
            () -> where() + ": acked " + ackedEvents + ", recovered " + applied);
      }
      undone.clear();
      truncate(applied);
      ackedEvents = Math.min(ackedEvents, applied);
      checkState();
    }

    void truncate(int events) {
      while (history.size() > events) {
        history.remove(history.size() - 1);
      }
      model.clear();
      for (Change change : history) {
        if (change.type() == null) {
          model.remove(change.id());
        } else {
          model.put(change.id(), new Known(change.type(), change.version(), change.n()));
        }
      }
    }

    void operate() {
      int request = ++requests;
      boolean batch = random.nextInt(6) == 0;
      int before = history.size();
      StringBuilder text = new StringBuilder();
      Expected expected;
      if (batch) {
        boolean atomic = random.nextBoolean();
        text.append("{'type':'batch','id':").append(request).append(",'atomic':").append(atomic);
        text.append(",'operations':[");
        boolean failed = false;
        int count = random.nextInt(6);
        for (int i = 0; i < count; i++) {
          text.append(i == 0 ? "" : ",");
          Expected single = single(text, "");
          failed |= single.code() != null;
        }
        text.append("]}");
        if (atomic && failed) {
          truncate(before);
          expected = new Expected("BATCH_FAILED", null, 0, before);
        } else {
          expected = new Expected(null, null, 0, history.size() > before ? history.size() : 0);
        }
      } else {
        expected = single(text, "'id':" + request + ",");
      }
      open.put(request, expected);
      store.send(text.toString());
    }

    Expected single(StringBuilder text, String head) {
      String id = "i" + random.nextInt(IDS);
      String type = "T" + random.nextInt(3);
      int n = random.nextInt(1000);
      Known known = model.get(id);
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          text.append("{'type':'create',").append(head).append("'$type':'").append(type);
          text.append("','data':{'$id':'").append(id).append("','n':").append(n).append("}}");
          return known != null
              ? new Expected("CONFLICT", id, known.version(), history.size())
              : change(new Change(id, type, 1, n));
        }
        case 2, 3 -> {
          text.append("{'type':'update',").append(head).append("'$id':'").append(id);
          text.append("','data':{'n':").append(n).append("}}");
          return known == null
              ? new Expected("NOT_FOUND", id, 0, history.size())
              : change(new Change(id, known.type(), known.version() + 1, n));
        }
        default -> {
          text.append("{'type':'delete',").append(head).append("'$id':'").append(id).append("'}");
          return known == null
              ? new Expected(null, null, 0, 0)
              : change(new Change(id, null, 0, 0));
        }
      }
    }

    Expected change(Change change) {
      history.add(change);
      if (change.type() == null) {
        model.remove(change.id());
        return new Expected(null, null, 0, history.size());
      }
      model.put(change.id(), new Known(change.type(), change.version(), change.n()));
      return new Expected(null, change.id(), change.version(), history.size());
    }

    void takeReplies() {
      boolean refused = false;
      for (; seenReplies < store.replies.size(); seenReplies++) {
        JsonObject reply = store.replies.get(seenReplies);
        Expected expected = open.remove((int) reply.number("id"));
        assertNotNull(expected, () -> where() + ": a second reply " + store.print(reply));
        String code = reply.kind("code") == JsonKind.STRING ? reply.string("code") : null;
        if ("UNAVAILABLE".equals(code)) {
          refused = true;
          continue;
        }
        assertEquals(expected.code(), code, () -> where() + ": " + store.print(reply));
        if (code == null) {
          if (expected.events() > ackedEvents) {
            ackedEvents = expected.events();
            undone.clear();
          }
          if (expected.id() != null) {
            assertEquals(expected.version(), reply.number("$version"), this::where);
          }
        }
      }
      if (refused) {
        int applied = (int) store.stats().number("appliedSeq");
        if (undone.isEmpty()) {
          undone.addAll(history.subList(applied, history.size()));
        }
        truncate(applied);
      }
      assertEquals(history.size(), (int) store.stats().number("appliedSeq"), this::where);
      assertTrue(history.size() >= ackedEvents, () -> where() + ": an acked write was undone");
    }

    void heal() {
      store.sql.setFailing(false);
      store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
      store.pipeline.releaseHeld();
      // What was undone after a send that failed is void once the next epoch has begun: begin it.
      int request = ++requests;
      String type = "{'type':'create','$type':'T9','id':" + request;
      store.send(type + ",'data':{'$id':'last','n':1}}");
      open.put(request, change(new Change("last", "T9", 1, 1)));
      for (int i = 0; i < 40 && !(store.store().isIdle() && store.time.armed() == 0); i++) {
        store.time.advance(10_000);
      }
      takeReplies();
      assertTrue(open.isEmpty(), () -> where() + ": no reply to " + open);
      assertTrue(store.store().isIdle(), () -> where() + ": not idle");
      assertEquals(0, store.time.armed(), this::where);
      double rows = store.stats().number("rowsWritten");
      store.time.advance(100_000);
      assertEquals(rows, store.stats().number("rowsWritten"), this::where);
      restart();
    }

    void checkState() {
      assertEquals(model.size(), (int) store.stats().number("entries"), this::where);
      for (int i = 0; i < IDS; i++) {
        String id = "i" + i;
        Known known = model.get(id);
        JsonObject thing = store.read(id);
        seenReplies++;
        if (known == null) {
          assertNull(thing, () -> where() + ": " + id + " came back");
        } else {
          assertNotNull(thing, () -> where() + ": " + id + " is gone");
          assertEquals(known.type(), thing.string("$type"), this::where);
          assertEquals(known.version(), thing.number("$version"), this::where);
          assertEquals(known.n(), thing.number("n"), this::where);
        }
      }
    }

    /** Every event of the history is in the Pipeline, unchanged, once passed epochs are voided. */
    void checkPipeline() {
      Map<Double, Double> firstSeqs = new HashMap<>();
      Map<String, String> texts = new HashMap<>();
      for (JsonObject record : store.pipeline.stored()) {
        String text = store.print(record);
        String name = record.number("epoch") + "." + record.number("seq");
        String older = texts.putIfAbsent(name, text);
        assertTrue(older == null || older.equals(text), () -> where() + ": changed: " + text);
        if (record.number("seq") > 0) {
          firstSeqs.merge(record.number("epoch"), record.number("seq"), Math::min);
        } else {
          assertTrue(
              texts.keySet().stream()
                      .noneMatch(
                          key -> key.startsWith(record.number("epoch") + ".") && !key.equals(name))
                  || older != null,
              () -> where() + ": a fence that is not the first of its epoch");
        }
      }
      Map<Double, JsonObject> bySeq = new TreeMap<>();
      for (JsonObject record : store.pipeline.stored()) {
        double seq = record.number("seq");
        boolean isVoid =
            firstSeqs.entrySet().stream()
                .anyMatch(e -> e.getKey() > record.number("epoch") && seq >= e.getValue());
        if (seq > 0 && !isVoid) {
          bySeq.put(seq, record);
        }
      }
      for (int i = 0; i < history.size(); i++) {
        Change change = history.get(i);
        JsonObject record = bySeq.get(i + 1.0);
        int seq = i + 1;
        assertNotNull(record, () -> where() + ": seq " + seq + " never reached the Pipeline");
        assertEquals(change.id(), record.string("entityId"), this::where);
        if (change.type() != null) {
          assertEquals(change.version(), record.number("version"), this::where);
          assertEquals(change.n(), record.object("payload").number("n"), this::where);
        } else {
          assertEquals("thing.deleted", record.string("verb"), this::where);
        }
      }
      assertEquals(history.size(), bySeq.size(), this::where);
    }

    String where() {
      List<String> log = store.log;
      List<String> last = log.subList(Math.max(0, log.size() - 3), log.size());
      return "seed "
          + seed
          + ", request "
          + requests
          + ", log "
          + last
          + ", stats "
          + store.print(store.stats());
    }
  }

  @Test
  void stateIsTheModelsWhateverHappens() {
    for (long seed = Long.getLong("seed", 1); seed <= SEEDS; seed++) {
      new World(seed).run();
    }
  }
}
