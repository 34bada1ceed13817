package dev.unifiedstorage.store;

import dev.unifiedstorage.access.VisitLimits;
import dev.unifiedstorage.layout.Layout;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.query.IndexDefinitions;
import dev.unifiedstorage.recovery.RecoveryOptions;
import dev.unifiedstorage.schema.Schemas;
import dev.unifiedstorage.snapshot.SnapshotHead;
import dev.unifiedstorage.state.Upcasts;
import dev.unifiedstorage.wal.Durability;
import dev.unifiedstorage.wal.Gathering;
import dev.unifiedstorage.wal.Records;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one store, named as the variables of a Worker are, in lowerCamelCase.
 *
 * @param namespace the tenant; goes into every event
 * @param durability when a write is acknowledged; null for {@code pipeline} where an archive reader
 *     is configured and {@code local} where none is
 * @param records what the Pipeline is sent: a record for every event, or one for those of a send
 * @param checkpointInterval ms between timer checkpoints while something is dirty
 * @param dirtyCountThreshold dirty things that trigger a checkpoint
 * @param memoryThresholdBytes dirty bytes that trigger a checkpoint
 * @param columnarThreshold collections with fewer things are one row
 * @param largeCollections the layout of the others
 * @param maxEntries things in memory before clean ones are evicted, 0 for no limit
 * @param maxBytes estimated bytes in memory before clean things are evicted, 0 for no limit
 * @param groupCommitMs longest wait that gathers writes; negative for 50 in {@code local}, or 1,000
 *     with {@code maxRowsPerSecond}, and elsewhere for 10 at most, as long as writes keep coming
 * @param maxRowsPerSecond rows that writes may take in a second in {@code local}, on average, as
 *     far as {@code groupCommitMs} lets them wait; 0 for any number
 * @param recoveryTimeout ms without progress after which a recovery fails
 * @param archiveSettleMs wait after the probe is visible in the archive; a target whose sink keeps
 *     order says 0
 * @param archiveSlackMs how far the clocks of the object and of the Pipeline may differ before a
 *     recovery has to look through more of the archive than its last minutes
 * @param archiveLagLimit ms that the archive may lag behind what the Pipeline has accepted before
 *     {@code pipeline} acknowledges from SQLite; 0 for any
 * @param snapshotEvery how many events make the next snapshot of the store due; 0 for none,
 *     negative for as many as there are things, once a day
 * @param adoptLog whether an empty database may go on from the events of another writer
 * @param maxScan things that one query may look at
 * @param indexes JSON text that says which indexes there are, by type; empty for none
 * @param deletionsKept deletions that subscribers who come back can be told of, at least
 * @param pushMs how long changes gather before they are pushed to subscribers
 * @param sessionsKept clients' sessions that are kept, the most recently used ones
 * @param upcasters JSON text that says which form things have today, by type; empty for none
 * @param schemas JSON text that says what things have to be, by type; empty for anything
 * @param visitLimits how much clients may ask
 * @param maxThings things that a store may have, 0 for any number
 * @param maxStoreBytes estimated bytes of things and indexes in memory that a store may have
 * @param iceberg where the archive is, by the variable's name; absent ones are not configured
 */
public record UnifiedStoreConfig(
    String namespace,
    @Nullable Durability durability,
    Records records,
    double checkpointInterval,
    int dirtyCountThreshold,
    double memoryThresholdBytes,
    int columnarThreshold,
    Layout largeCollections,
    int maxEntries,
    double maxBytes,
    double groupCommitMs,
    double maxRowsPerSecond,
    double recoveryTimeout,
    double archiveSettleMs,
    double archiveSlackMs,
    double archiveLagLimit,
    double snapshotEvery,
    boolean adoptLog,
    int maxScan,
    String indexes,
    int deletionsKept,
    double pushMs,
    int sessionsKept,
    String schemas,
    String upcasters,
    VisitLimits visitLimits,
    double maxThings,
    double maxStoreBytes,
    Map<String, String> iceberg) {

  /** Every variable there is, in the order of the reference. */
  public static final List<String> VARS =
      List.of(
          "DURABILITY",
          "RECORDS",
          "CHECKPOINT_INTERVAL",
          "DIRTY_COUNT_THRESHOLD",
          "MEMORY_THRESHOLD_BYTES",
          "COLUMNAR_THRESHOLD",
          "LARGE_COLLECTIONS",
          "MAX_ENTRIES",
          "MAX_BYTES",
          "GROUP_COMMIT_MS",
          "MAX_ROWS_PER_SECOND",
          "RECOVERY_TIMEOUT",
          "ARCHIVE_SETTLE_MS",
          "ARCHIVE_SLACK_MS",
          "ARCHIVE_LAG_LIMIT",
          "SNAPSHOT_EVERY",
          "ADOPT_LOG",
          "MAX_SCAN",
          "INDEXES",
          "DELETIONS_KEPT",
          "PUSH_MS",
          "SESSIONS_KEPT",
          "SCHEMAS",
          "UPCASTERS",
          "RATE_LIMIT",
          "MAX_SOCKETS",
          "MAX_THINGS",
          "MAX_STORE_BYTES",
          "ICEBERG_CATALOG_URL",
          "ICEBERG_WAREHOUSE",
          "ICEBERG_TABLE",
          "ICEBERG_TOKEN",
          "ICEBERG_OBJECTS_URL");

  /** Half of an isolate's 128 MB: the other half is for what is under way, and other objects. */
  private static final double DEFAULT_STORE_BYTES = 67_108_864;

  /** A day: no wait is longer. */
  private static final double MAX_MS = 86_400_000;

  private static final double MAX_COUNT = 1_000_000_000;

  /** The defaults. */
  public static UnifiedStoreConfig of(String namespace) {
    return fromVars(namespace, Map.of());
  }

  /**
   * Reads a Worker's variables; those that are absent or empty have their defaults.
   *
   * @throws IllegalArgumentException naming the variable, what was expected and what was found
   */
  public static UnifiedStoreConfig fromVars(String namespace, Map<String, String> vars) {
    for (String name : vars.keySet()) {
      if (!isSetting(name)) {
        String problem = VarNames.problem(name);
        throw new IllegalArgumentException(
            problem != null ? problem : name + " is about access, which is no store's setting");
      }
    }
    if (SnapshotHead.isNamespaceOfSnapshots(namespace)) {
      throw new IllegalArgumentException(
          "a namespace must not end in /snapshots, which is for the rows of snapshots, got "
              + namespace);
    }
    Map<String, String> iceberg = new HashMap<>();
    for (String name : VARS) {
      if (name.startsWith("ICEBERG_") && has(vars, name)) {
        iceberg.put(name, vars.get(name));
      }
    }
    return new UnifiedStoreConfig(
        namespace,
        durability(vars),
        records(vars),
        number(vars, "CHECKPOINT_INTERVAL", 5000, 1, MAX_MS),
        (int) number(vars, "DIRTY_COUNT_THRESHOLD", 10_000, 1, MAX_COUNT),
        number(vars, "MEMORY_THRESHOLD_BYTES", 10_485_760, 1, MAX_COUNT),
        (int) number(vars, "COLUMNAR_THRESHOLD", 1000, 0, MAX_COUNT),
        largeCollections(vars),
        (int) number(vars, "MAX_ENTRIES", 0, 0, MAX_COUNT),
        number(vars, "MAX_BYTES", 0, 0, 1e12),
        number(vars, "GROUP_COMMIT_MS", -1, 0, 60_000),
        number(vars, "MAX_ROWS_PER_SECOND", 0, 0, 1_000),
        number(vars, "RECOVERY_TIMEOUT", 30_000, 1, MAX_MS),
        number(vars, "ARCHIVE_SETTLE_MS", 60_000, 0, MAX_MS),
        number(vars, "ARCHIVE_SLACK_MS", RecoveryOptions.ARCHIVE_SLACK_MS, 0, MAX_MS),
        number(vars, "ARCHIVE_LAG_LIMIT", 0, 0, MAX_MS),
        number(vars, "SNAPSHOT_EVERY", -1, 0, 1e12),
        adoptLog(vars),
        (int) number(vars, "MAX_SCAN", 20_000, 1, MAX_COUNT),
        text(vars, "INDEXES"),
        (int) number(vars, "DELETIONS_KEPT", 10_000, 0, 1_000_000),
        number(vars, "PUSH_MS", 50, 0, 60_000),
        (int) number(vars, "SESSIONS_KEPT", 1000, 1, 100_000),
        text(vars, "SCHEMAS"),
        text(vars, "UPCASTERS"),
        VisitLimits.fromVars(vars),
        number(vars, "MAX_THINGS", 0, 0, MAX_COUNT),
        number(vars, "MAX_STORE_BYTES", DEFAULT_STORE_BYTES, 1, 1e12),
        iceberg);
  }

  /**
   * Reads the settings that are JSON themselves.
   *
   * @throws IllegalArgumentException when one is no such JSON, or asks for what is not supported
   */
  public void check(Json json) {
    indexes(json);
    schemas(json);
    Upcasts.check(upcasters, json);
  }

  /**
   * The indexes that queries may use.
   *
   * @throws IllegalArgumentException when the setting is no such JSON
   */
  IndexDefinitions indexes(Json json) {
    return IndexDefinitions.parse(indexes, json);
  }

  /**
   * What things have to be; null for anything.
   *
   * @throws IllegalArgumentException when the setting is no such JSON, or asks for what is not
   *     supported
   */
  @Nullable Schemas schemas(Json json) {
    return Schemas.parse(schemas, json);
  }

  /**
   * The durability in force.
   *
   * @param archiveConfigured whether the store has an archive to read
   */
  public Durability durability(boolean archiveConfigured) {
    if (durability != null) {
      return durability;
    }
    return archiveConfigured ? Durability.PIPELINE : Durability.LOCAL;
  }

  Gathering gathering() {
    return new Gathering(groupCommitMs, maxRowsPerSecond);
  }

  boolean evicts() {
    return maxEntries > 0 || maxBytes > 0;
  }

  /** Compares texts: {@code List.contains} would keep every record's equals in the Worker. */
  private static boolean isSetting(String name) {
    for (String one : VARS) {
      if (one.equals(name)) {
        return true;
      }
    }
    return false;
  }

  private static boolean has(Map<String, String> vars, String name) {
    return !text(vars, name).isEmpty();
  }

  /** What a variable says, "" when it is absent. */
  private static String text(Map<String, String> vars, String name) {
    String value = vars.get(name);
    return value == null ? "" : value;
  }

  private static @Nullable Durability durability(Map<String, String> vars) {
    if (!has(vars, "DURABILITY")) {
      return null;
    }
    return switch (text(vars, "DURABILITY")) {
      case "pipeline" -> Durability.PIPELINE;
      case "local" -> Durability.LOCAL;
      case "memory" -> Durability.MEMORY;
      default -> throw wrong(vars, "DURABILITY", "pipeline, local or memory");
    };
  }

  private static Records records(Map<String, String> vars) {
    return switch (text(vars, "RECORDS")) {
      case "", "event" -> Records.EVENT;
      case "packed" -> Records.PACKED;
      default -> throw wrong(vars, "RECORDS", "event or packed");
    };
  }

  private static Layout largeCollections(Map<String, String> vars) {
    return switch (text(vars, "LARGE_COLLECTIONS")) {
      case "", "packed" -> Layout.PACKED;
      case "normalized" -> Layout.NORMALIZED;
      default -> throw wrong(vars, "LARGE_COLLECTIONS", "packed or normalized");
    };
  }

  private static boolean adoptLog(Map<String, String> vars) {
    if (!has(vars, "ADOPT_LOG") || text(vars, "ADOPT_LOG").equals("false")) {
      return false;
    }
    if (!text(vars, "ADOPT_LOG").equals("true")) {
      throw wrong(vars, "ADOPT_LOG", "true or false");
    }
    return true;
  }

  private static double number(
      Map<String, String> vars, String name, double absent, double least, double most) {
    if (!has(vars, name)) {
      return absent;
    }
    String text = text(vars, name);
    double value = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9 || text.length() > 15) {
        value = -1;
        break;
      }
      value = value * 10 + digit;
    }
    if (value < least || value > most) {
      throw wrong(vars, name, "a whole number from " + (long) least + " to " + (long) most);
    }
    return value;
  }

  private static IllegalArgumentException wrong(
      Map<String, String> vars, String name, String expected) {
    return new IllegalArgumentException(
        name + ": expected " + expected + ", got '" + vars.get(name) + "'");
  }
}
