package dev.unifiedstorage.snapshot;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.session.Sessions;
import dev.unifiedstorage.state.Deletion;
import dev.unifiedstorage.state.Fields;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import java.util.function.Consumer;

/**
 * The payload of one part of a snapshot, as it is written; {@link #read} takes it apart.
 *
 * <p>It is {@code sessions}, as a commit record has them, {@code forgotten} and {@code deletions},
 * of which each is an array of seq, type and id, and {@code things}, of which each is an array of
 * type, id, version, the milliseconds when it was created, updated and when it expires, its seq and
 * its fields. The first parts have the first two, the rest have things.
 */
public final class SnapshotPart {
  /** A part ends behind the thing that reaches this, in characters. */
  private static final int PART_CHARS = 256 * 1024;

  private static final int TYPE = 0;
  private static final int ID = 1;
  private static final int VERSION = 2;
  private static final int CREATED_MS = 3;
  private static final int UPDATED_MS = 4;
  private static final int EXPIRES_MS = 5;
  private static final int SEQ = 6;
  private static final int FIELDS = 7;

  private final Json json;
  private final int mostThings;
  private final JsonWriter text;
  private String list = "";
  private int things;

  /**
   * @param mostThings it has no more than so many
   */
  public SnapshotPart(Json json, int mostThings) {
    this.json = json;
    this.mostThings = mostThings;
    this.text = json.writer().raw("{\"v\":1");
  }

  /** Whether nothing more goes in. */
  public boolean isFull() {
    return text.length() >= PART_CHARS || things == mostThings;
  }

  /** How many things are in it. */
  public int things() {
    return things;
  }

  /** Adds what clients' numbered writes have come to, a JSON array or "". */
  public void addSessions(String sessions) {
    if (!sessions.isEmpty()) {
      text.raw(",\"sessions\":").raw(sessions);
    }
  }

  /** Adds the event up to which deletions may not be known. */
  public void addForgotten(double seq) {
    text.raw(",\"forgotten\":").number(seq);
  }

  public void add(Deletion deletion) {
    begin("deletions");
    text.raw("[").number(deletion.seq()).raw(",").string(deletion.type());
    text.raw(",").string(deletion.id()).raw("]");
  }

  public void add(Thing thing) {
    begin("things");
    things++;
    text.raw("[").string(thing.type()).raw(",").string(thing.id()).raw(",");
    text.number(thing.version()).raw(",").number(thing.createdAtMs()).raw(",");
    text.number(thing.updatedAtMs()).raw(",").number(thing.expiresAtMs()).raw(",");
    text.number(thing.seq()).raw(",").raw(thing.fields().text(json)).raw("]");
  }

  private void begin(String name) {
    if (list.equals(name)) {
      text.raw(",");
    } else {
      text.raw(list.isEmpty() ? ",\"" : "],\"").raw(name).raw("\":[");
      list = name;
    }
  }

  /** The payload, once nothing more goes in. */
  public String payload() {
    return text.raw(list.isEmpty() ? "}" : "]}").text();
  }

  /**
   * Puts what a part has where it belongs.
   *
   * @param seq the snapshot's
   * @param sessions take over what the part says of them, where they know of none
   * @return how many things there were
   * @throws RuntimeException when no store has written the payload
   */
  public static int read(String payload, double seq, Things state, Sessions sessions, Json json) {
    JsonObject part = json.parse(payload);
    if (part.kind("sessions") == JsonKind.ARRAY && sessions.size() == 0) {
      sessions.load(json.writer().value(part.value("sessions")).text());
    }
    if (part.kind("forgotten") == JsonKind.NUMBER) {
      state.deletions().forgetUpTo(part.number("forgotten"));
    }
    forEach(
        part,
        "deletions",
        one -> state.deletions().add(new Deletion(one.string(2), one.string(1), one.number(0))));
    return forEach(part, "things", one -> state.putAsOf(seq, thing(one, json)));
  }

  private static int forEach(JsonObject part, String name, Consumer<JsonArray> visitor) {
    if (part.kind(name) != JsonKind.ARRAY) {
      return 0;
    }
    JsonArray all = part.array(name);
    for (int i = 0; i < all.size(); i++) {
      visitor.accept(all.array(i));
    }
    return all.size();
  }

  /** Visits the things of a part. */
  public static void forEachThing(String payload, Json json, Consumer<Thing> visitor) {
    forEach(json.parse(payload), "things", one -> visitor.accept(thing(one, json)));
  }

  private static Thing thing(JsonArray one, Json json) {
    return Thing.loaded(
            one.string(ID),
            one.string(TYPE),
            one.number(VERSION),
            one.number(CREATED_MS),
            one.number(UPDATED_MS),
            one.number(SEQ),
            Fields.of(one.object(FIELDS)).text(json))
        .expiring(one.number(EXPIRES_MS));
  }
}
