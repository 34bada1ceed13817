package dev.unifiedstorage.layout;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What one transaction says about the whole object.
 *
 * @param owner who writes the database
 * @param point where the log stands
 * @param rebuilding whether the rows are void, because one was damaged, and the archive has not
 *     replaced them yet
 * @param floorTx packed segments of an older transaction are void
 * @param packedRows how many packed segments are not: one that is damaged may look void
 * @param large the collections that are not columnar, by type
 * @param expiresAtMs no thing in the rows expires before that; 0 when none does
 * @param outbox lines of events that no other row has and the Pipeline may not have, or ""
 * @param deletions where the newest deletions are
 * @param sessions what clients' numbered writes have come to, as a JSON array, or ""
 * @param listed whether the directory of all stores is known to have this one
 * @param snapshot when the last snapshot was made
 */
public record CommitRecord(
    Owner owner,
    CommitPoint point,
    boolean rebuilding,
    double floorTx,
    int packedRows,
    Map<String, LargeCollection> large,
    double expiresAtMs,
    String outbox,
    KeptDeletions deletions,
    String sessions,
    boolean listed,
    SnapshotMark snapshot) {

  /** The version of the layout that this code writes. */
  static final int VERSION = 3;

  /** The one before there were lives, which it reads too. */
  private static final int VERSION_WITHOUT_LIVES = 2;

  /** Of an object that has never written. */
  public static final CommitRecord NONE = lost(0);

  private static final String SUM = ",\"sum\":";

  /** What is left of the record of a damaged database: that there was a life of this epoch. */
  public static CommitRecord lost(double epoch) {
    CommitPoint point = new CommitPoint(Life.ofEpoch(epoch), 0, 0, 0, 0, false, false);
    return new CommitRecord(
        Owner.UNKNOWN,
        point,
        false,
        0,
        0,
        Map.of(),
        0,
        "",
        KeptDeletions.NONE,
        "",
        false,
        SnapshotMark.NONE);
  }

  /** How the {@code head} column of a transaction begins. */
  private static String beginning(int version, double tx) {
    return "{\"v\":" + version + ",\"tx\":" + (long) tx + ",";
  }

  /** What is wrong with the beginning of a {@code head} column of that transaction, or "". */
  static String wrongBeginning(String head, double tx) {
    String expected = beginning(VERSION, tx);
    return head.startsWith(expected) || head.startsWith(beginning(VERSION_WITHOUT_LIVES, tx))
        ? ""
        : "expected a commit record that begins with " + expected + ", found " + head;
  }

  /**
   * The text of a {@code head} column: one line of JSON, then the newest deletions, then the
   * outbox.
   *
   * <p>It has a checksum of its own: when the rest of its row is damaged, it may still be the only
   * place where some events are.
   */
  String toText(double tx, Json json) {
    String broken = brokenRule();
    if (!broken.isEmpty()) {
      throw new IllegalStateException(
          "a commit record must not be written: " + broken + ", " + point);
    }
    JsonWriter writer = json.writer();
    writer.raw(beginning(VERSION, tx)).raw("\"holder\":").number(owner.holder());
    writer.raw(",\"writer\":").string(owner.writer()).raw(",\"ns\":").string(owner.namespace());
    point.life().writeMembers(writer);
    writer.raw(",\"checkpointEpoch\":").number(point.checkpointEpoch());
    writer.raw(",\"checkpointSeq\":").number(point.checkpointSeq());
    if (point.checkpointMs() != 0) {
      writer.raw(",\"checkpointMs\":").number(point.checkpointMs());
    }
    writer.raw(",\"acceptedSeq\":").number(point.acceptedSeq());
    writer.raw(",\"open\":").number(point.open() ? 1 : 0);
    writer.raw(",\"recovering\":").number(point.recovering() ? 1 : 0);
    writeProbes(writer);
    writer.raw(",\"rebuilding\":").number(rebuilding ? 1 : 0);
    writer.raw(",\"floorTx\":").number(floorTx).raw(",\"packedRows\":").number(packedRows);
    if (expiresAtMs != 0) {
      writer.raw(",\"expiresAt\":").number(expiresAtMs);
    }
    if (listed) {
      writer.raw(",\"listed\":1");
    }
    if (snapshot.atMs() != 0) {
      writer.raw(",\"snapshot\":[").number(snapshot.seq()).raw(",");
      writer.number(snapshot.atMs()).raw("]");
    }
    if (!sessions.isEmpty()) {
      writer.raw(",\"sessions\":").raw(sessions);
    }
    writer.raw(",\"large\":{");
    boolean first = true;
    for (String type : sorted(large.keySet())) {
      LargeCollection collection = Objects.requireNonNull(large.get(type));
      writer.raw(first ? "" : ",").string(type).raw(":{\"packed\":");
      writer.number(collection.layout() == Layout.PACKED ? 1 : 0);
      writer.raw(",\"sinceTx\":").number(collection.sinceTx());
      writer.raw(",\"size\":").number(collection.size());
      if (collection.lastSeq() < Double.POSITIVE_INFINITY) {
        writer.raw(",\"lastSeq\":").number(collection.lastSeq());
      }
      writer.raw(collection.mayExpire() ? ",\"expires\":1}" : "}");
      first = false;
    }
    writer.raw("},\"deletions\":[").number(deletions.forgottenSeq());
    for (KeptDeletions.Block block : deletions.blocks()) {
      writer.raw(",").number(block.slot()).raw(",").number(block.count());
      writer.raw(",").number(block.lastSeq());
    }
    String line = writer.raw("]").text();
    String lines = deletions.lines() + outbox;
    writer = json.writer().raw(line).raw(SUM).number(sum(line, lines, json));
    return writer.raw("}\n").raw(lines).text();
  }

  /** Types in an order of their own: a map has another one in every form of the core. */
  private static List<String> sorted(Collection<String> types) {
    List<String> sorted = new ArrayList<>(types);
    sorted.sort(String::compareTo);
    return sorted;
  }

  private void writeProbes(JsonWriter writer) {
    if (!point.probes().isEmpty()) {
      String separator = ",\"probes\":[";
      for (double probe : point.probes()) {
        writer.raw(separator).number(probe);
        separator = ",";
      }
      writer.raw("]");
    }
  }

  private static List<Double> probes(JsonObject object) {
    List<Double> probes = new ArrayList<>();
    if (object.kind("probes") == JsonKind.ARRAY) {
      JsonArray numbers = object.array("probes");
      for (int i = 0; i < numbers.size(); i++) {
        probes.add(numbers.number(i));
      }
    }
    return probes;
  }

  private static double sum(String line, String lines, Json json) {
    return 31 * json.hash(line) + json.hash(lines);
  }

  /**
   * Reads a {@code head} column.
   *
   * @throws CorruptRowException when it is not what {@link #toText} writes
   */
  static CommitRecord parse(String head, Json json, String row) {
    try {
      return parseChecked(head, json, row);
    } catch (CorruptRowException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new CorruptRowException(row, "its commit record is unreadable: " + e.getMessage());
    }
  }

  private static CommitRecord parseChecked(String head, Json json, String row) {
    int lineEnd = head.indexOf('\n');
    if (lineEnd < 0) {
      throw new CorruptRowException(row, "its commit record has no end");
    }
    JsonObject object = json.parse(head.substring(0, lineEnd));
    double version = object.kind("v") == JsonKind.NUMBER ? object.number("v") : 0;
    boolean hasLives = version == VERSION;
    if (!hasLives && version != VERSION_WITHOUT_LIVES) {
      throw new CorruptRowException(
          row, "expected layout version " + VERSION + ", it was written by another release");
    }
    String lines = head.substring(lineEnd + 1);
    double expected = object.number("sum");
    double actual = sum(head.substring(0, head.lastIndexOf(SUM, lineEnd)), lines, json);
    if (expected != actual) {
      throw new CorruptRowException(
          row,
          "its commit record has the checksum "
              + (long) expected
              + ", its content has "
              + (long) actual);
    }
    Map<String, LargeCollection> large = new LinkedHashMap<>();
    JsonObject types = object.object("large");
    // A start makes the collections in this order, and a snapshot shows it.
    for (String type : sorted(types.keys())) {
      JsonObject collection = types.object(type);
      Layout layout = collection.number("packed") == 1 ? Layout.PACKED : Layout.NORMALIZED;
      large.put(
          type,
          new LargeCollection(
              layout,
              collection.number("sinceTx"),
              (int) collection.number("size"),
              number(collection, "expires") == 1,
              collection.kind("lastSeq") == JsonKind.NUMBER
                  ? collection.number("lastSeq")
                  : Double.POSITIVE_INFINITY));
    }
    CommitPoint point =
        new CommitPoint(
            hasLives ? Life.ofMembers(object) : Life.ofEpoch(object.number("epoch")),
            object.number("checkpointEpoch"),
            object.number("checkpointSeq"),
            number(object, "checkpointMs"),
            object.number("acceptedSeq"),
            object.number("open") == 1,
            object.number("recovering") == 1,
            probes(object));
    CommitRecord record =
        new CommitRecord(
            hasLives
                ? new Owner(object.string("ns"), object.string("writer"), object.number("holder"))
                : Owner.UNKNOWN,
            point,
            object.number("rebuilding") == 1,
            object.number("floorTx"),
            (int) object.number("packedRows"),
            large,
            number(object, "expiresAt"),
            lines.substring(DeletionLines.end(lines, 0)),
            deletions(object, lines, point.checkpointSeq()),
            object.kind("sessions") == JsonKind.ARRAY
                ? json.writer().value(object.value("sessions")).text()
                : "",
            number(object, "listed") == 1,
            snapshot(object));
    String broken = record.brokenRule();
    if (!broken.isEmpty()) {
      throw new CorruptRowException(row, "its commit record is wrong: " + broken + ", " + point);
    }
    return record;
  }

  /** A number that earlier releases did not write, 0 then. */
  private static double number(JsonObject object, String name) {
    return object.kind(name) == JsonKind.NUMBER ? object.number(name) : 0;
  }

  private static SnapshotMark snapshot(JsonObject object) {
    if (object.kind("snapshot") != JsonKind.ARRAY) {
      return SnapshotMark.NONE;
    }
    JsonArray numbers = object.array("snapshot");
    return new SnapshotMark(numbers.number(0), numbers.number(1));
  }

  /** Only a recovery may say that the rows are void until the archive has replaced them. */
  private boolean rebuildIsARecovery() {
    return !rebuilding || point.recovering();
  }

  /** A record of before there were such says nothing of what was deleted up to its checkpoint. */
  private static KeptDeletions deletions(JsonObject object, String lines, double checkpointSeq) {
    if (object.kind("deletions") != JsonKind.ARRAY) {
      return KeptDeletions.noneUpTo(checkpointSeq);
    }
    JsonArray numbers = object.array("deletions");
    List<KeptDeletions.Block> blocks = new ArrayList<>();
    for (int i = 1; i + 2 < numbers.size(); i += 3) {
      blocks.add(
          new KeptDeletions.Block(
              (int) numbers.number(i), (int) numbers.number(i + 1), numbers.number(i + 2)));
    }
    String newest = lines.substring(0, DeletionLines.end(lines, 0));
    return new KeptDeletions(numbers.number(0), blocks, newest);
  }

  private String brokenRule() {
    return rebuildIsARecovery() ? point.brokenRule() : "expected a rebuild to be a recovery";
  }
}
