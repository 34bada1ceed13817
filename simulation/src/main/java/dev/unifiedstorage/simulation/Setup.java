package dev.unifiedstorage.simulation;

import dev.unifiedstorage.store.UnifiedStoreConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * What a world is like: all of it stays the same but for the store's settings.
 *
 * @param vars the store's settings, as a Worker has them
 * @param archive whether an archive reader is configured
 * @param lagMs how long the sink takes
 * @param disorderMs how much later a row may land than one that was sent after it
 * @param ids how many different things the clients write to
 * @param sendMs how long a send takes at most; 0 for sends that answer within the call
 * @param largePayloads whether some things are large enough to fill rows
 * @param sendEvents the most events in one send: where they are few, sends end in the middle of
 *     things
 */
record Setup(
    Map<String, String> vars,
    boolean archive,
    boolean deadLetters,
    double lagMs,
    double disorderMs,
    int clients,
    int ids,
    double sendMs,
    boolean largePayloads,
    int sendEvents) {

  /** How large a load is that makes its thing as large as it weighs. */
  static final int LOAD_CHARS = 75_000;

  private static final String MAX_THINGS = "MAX_THINGS";
  private static final String MAX_STORE_BYTES = "MAX_STORE_BYTES";

  /**
   * The room that a limit on bytes leaves beside the loads: more than all else in a world is ever
   * estimated at, and less than one load, so that the loads alone say what is refused.
   */
  private static final int ROOM_BESIDE_LOADS = LOAD_CHARS * 9 / 10;

  private static final Set<String> EVICTION = Set.of("MAX_ENTRIES", "MAX_BYTES");

  /** How far the Pipeline's clock is behind: in some worlds by more than a recovery allows for. */
  double pipelineBehindMs() {
    return ids == 8 ? 3_600_000 : 0;
  }

  static Setup of(Random random) {
    Map<String, String> vars = new HashMap<>();
    String durability = pick(random, "local", "local", "pipeline", "pipeline", "memory");
    boolean archive = random.nextInt(5) < (durability.equals("pipeline") ? 4 : 2);
    double disorderMs = archive ? pick(random, 0, 0, 3_000, 20_000) : 0;
    vars.put("DURABILITY", durability);
    vars.put("ARCHIVE_SETTLE_MS", String.valueOf((int) disorderMs));
    vars.put("RECOVERY_TIMEOUT", pick(random, "30000", "120000"));
    vars.put("CHECKPOINT_INTERVAL", pick(random, "500", "5000", "5000", "60000"));
    vars.put("DIRTY_COUNT_THRESHOLD", pick(random, "1", "7", "10000", "10000"));
    vars.put("COLUMNAR_THRESHOLD", pick(random, "0", "1", "4", "8", "1000"));
    vars.put("LARGE_COLLECTIONS", pick(random, "packed", "normalized"));
    if (random.nextInt(4) == 0) {
      vars.put("MEMORY_THRESHOLD_BYTES", "2000");
    }
    if (random.nextInt(3) == 0) {
      vars.put(random.nextBoolean() ? "MAX_ENTRIES" : "MAX_BYTES", pick(random, "6", "1200"));
    }
    if (random.nextBoolean()) {
      vars.put("GROUP_COMMIT_MS", pick(random, "0", "20", "200", "2000"));
    }
    vars.put("INDEXES", pick(random, Questions.INDEXES));
    boolean deadLetters = random.nextInt(3) == 0;
    double lagMs = pick(random, 0, 500, 20_000);
    int clients = 1 + random.nextInt(4);
    int ids = pick(random, 3, 8, 30);
    vars.put("DELETIONS_KEPT", ids == 3 ? "2" : "10000");
    // Of what is drawn already, so that a seed is the world that it was before there was a choice.
    vars.put("RECORDS", (clients + ids) % 2 == 0 ? "packed" : "event");
    if (durability.equals("local") && clients == 4) {
      vars.put("MAX_ROWS_PER_SECOND", ids == 8 ? "20" : "1");
    }
    if (clients == 3 && ids > 3) {
      vars.put(MAX_THINGS, ids == 8 ? "5" : "12");
    }
    // Their reads of the past go back to the creation of what they ask for, and not to everything.
    if (clients % 2 == 1) {
      vars.put("ARCHIVE_SLACK_MS", "0");
    }
    if (durability.equals("pipeline") && archive && clients == 2) {
      vars.put("ARCHIVE_LAG_LIMIT", "5000");
    }
    if (archive && clients != 4) {
      vars.put("SNAPSHOT_EVERY", ids == 3 ? "5" : ids == 8 ? "40" : "0");
    }
    boolean evicts = vars.keySet().stream().anyMatch(EVICTION::contains);
    // Those that limit the lag of the archive find more with many small writes.
    if (clients == 2 && ids < 30 && !evicts && !vars.containsKey("ARCHIVE_LAG_LIMIT")) {
      int loads = ids == 3 ? 2 : 4;
      vars.put(MAX_STORE_BYTES, String.valueOf(loads * LOAD_CHARS + ROOM_BESIDE_LOADS));
    }
    vars.put("PUSH_MS", lagMs == 0 ? "50" : lagMs == 500 ? "0" : "300");
    double sendMs = pick(random, 0, 5, 50, 400);
    boolean largePayloads = random.nextInt(25) == 0;
    if (largePayloads) {
      vars.remove(MAX_STORE_BYTES);
    }
    return new Setup(
            vars,
            archive,
            deadLetters,
            lagMs,
            disorderMs,
            clients,
            ids,
            sendMs,
            largePayloads,
            1_000)
        .checking(pick(random, "", "", PlainSchema.SCHEMAS));
  }

  private Setup checking(String schemas) {
    vars.put("SCHEMAS", schemas);
    return this;
  }

  /**
   * The same world with other settings. What the object can read back stays as it is.
   *
   * @param evicts whether the limits of memory may change too
   */
  Setup redeployed(Random random, boolean evicts) {
    Map<String, String> other = new HashMap<>(of(random).vars);
    other.put("DURABILITY", safe() && archive ? pick(random, "local", "pipeline") : durability());
    other.put("ARCHIVE_SETTLE_MS", vars.get("ARCHIVE_SETTLE_MS"));
    if (vars.containsKey(MAX_THINGS)) {
      other.putIfAbsent(MAX_THINGS, "3");
    } else {
      other.remove(MAX_THINGS);
    }
    other.remove(MAX_STORE_BYTES);
    if (maxLoads() > 0) {
      // What was evicted counts no more, and how little more than the limit there is would matter.
      other.put(MAX_STORE_BYTES, vars.get(MAX_STORE_BYTES));
      other.keySet().removeAll(EVICTION);
    } else if (!evicts) {
      other.keySet().removeAll(EVICTION);
      EVICTION.stream().filter(vars::containsKey).forEach(name -> other.put(name, vars.get(name)));
    }
    return with(other, sendEvents);
  }

  /** The same world with other sends. */
  Setup sending(int most) {
    return with(vars, most);
  }

  /** The same world with room for whatever comes. */
  Setup unlimited() {
    Map<String, String> other = new HashMap<>(vars);
    other.remove(MAX_THINGS);
    return with(other, sendEvents);
  }

  private Setup with(Map<String, String> other, int most) {
    return new Setup(
        other, archive, deadLetters, lagMs, disorderMs, clients, ids, sendMs, largePayloads, most);
  }

  /** How many things the store may have, 0 for any number. */
  int maxThings() {
    return Integer.parseInt(vars.getOrDefault(MAX_THINGS, "0"));
  }

  /** How many bytes the store may have; 0 when the limit is far away. */
  int maxStoreBytes() {
    return Integer.parseInt(vars.getOrDefault(MAX_STORE_BYTES, "0"));
  }

  /** How many loads fit into the store beside all else, 0 for any number. */
  int maxLoads() {
    return maxStoreBytes() / LOAD_CHARS;
  }

  boolean hasIndexes() {
    return !vars.get("INDEXES").isEmpty();
  }

  /** Whether things may leave the memory. */
  boolean evicts() {
    return vars.keySet().stream().anyMatch(EVICTION::contains);
  }

  UnifiedStoreConfig config() {
    return UnifiedStoreConfig.fromVars(World.NAMESPACE, vars);
  }

  String durability() {
    return vars.get("DURABILITY");
  }

  /** Whether a lag of the archive has the store acknowledge from SQLite. */
  boolean limitsLag() {
    return vars.containsKey("ARCHIVE_LAG_LIMIT") && durability().equals("pipeline");
  }

  /** Whether the object can read back whatever it has acknowledged. */
  boolean safe() {
    return durability().equals("local") || (durability().equals("pipeline") && archive);
  }

  @SafeVarargs
  private static <T> T pick(Random random, T... values) {
    return values[random.nextInt(values.length)];
  }
}
