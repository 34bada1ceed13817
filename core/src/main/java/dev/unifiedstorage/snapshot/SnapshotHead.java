package dev.unifiedstorage.snapshot;

import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import org.jspecify.annotations.Nullable;

/**
 * What the last record of a snapshot says: where in the log it stands, and how much belongs to it.
 *
 * <p>It repeats the claim of its life and the way from there to the root, as far as the store keeps
 * it: the fences may be erased with the events before it.
 *
 * @param id tells its parts from those of others
 * @param seq it holds what the store held behind this event
 * @param life the newest one by then
 * @param writer who wrote it
 * @param parts how many there are
 * @param things how many are in them
 * @param beganMs when it was begun, by the object's clock: everything behind {@code seq} came later
 */
public record SnapshotHead(
    String id, double seq, Life life, String writer, int parts, double things, double beganMs) {

  /** The verb of heads and parts. */
  static final String VERB = "store.snapshot";

  /** What the column {@code entityId} says of a head; of a part it is the snapshot's id. */
  static final String HEAD = "snapshot";

  /** A namespace has no such character. */
  private static final String SUFFIX = "/snapshots";

  /** The namespace of the rows of a store's snapshots. */
  public static String namespaceOf(String namespace) {
    return namespace + SUFFIX;
  }

  /** Whether rows of a namespace are those of snapshots. */
  public static boolean isNamespaceOfSnapshots(String namespace) {
    return namespace.endsWith(SUFFIX);
  }

  /** Whether a life that reached an event is known to have gone through it. */
  public boolean isOnPath(Life of, double lastSeq) {
    return of.has(life.id(), seq, lastSeq) == Life.Verdict.YES;
  }

  /** The payload of its record. */
  String payload(Json json) {
    JsonWriter writer = json.writer().raw("{\"id\":").string(id).raw(",\"seq\":").number(seq);
    writer.raw(",\"parts\":").number(parts).raw(",\"things\":").number(things);
    writer.raw(",\"writer\":").string(this.writer);
    life.writeMembers(writer);
    return writer.raw("}").text();
  }

  /** The head that a row is; null when the row is no head as a store writes it. */
  static @Nullable SnapshotHead of(ArchivedEvent row, Json json) {
    if (!VERB.equals(row.verb()) || !HEAD.equals(row.entityId()) || row.payload() == null) {
      return null;
    }
    JsonObject object = json.parse(row.payload());
    boolean whole =
        object.kind("id") == JsonKind.STRING
            && object.kind("seq") == JsonKind.NUMBER
            && object.kind("parts") == JsonKind.NUMBER
            && object.kind("things") == JsonKind.NUMBER
            && object.kind("writer") == JsonKind.STRING
            && object.kind("life") == JsonKind.NUMBER
            && object.kind("path") == JsonKind.ARRAY;
    return whole
        ? new SnapshotHead(
            object.string("id"),
            object.number("seq"),
            Life.ofMembers(object),
            object.string("writer"),
            (int) object.number("parts"),
            object.number("things"),
            row.tsMs())
        : null;
  }
}
