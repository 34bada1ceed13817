package dev.unifiedstorage.wal;

import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.PipelineRecord;
import dev.unifiedstorage.state.Fields;
import dev.unifiedstorage.state.Thing;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One change as the Pipeline sees it.
 *
 * <p>It never changes, so a retry, a row and a replay all say the same. The two forms of the record
 * stand side by side here, and a test holds them against each other.
 *
 * @param life 0 when it is from before there were lives, or of no store
 * @param seq contiguous per namespace from 1; 0 for a fence
 * @param entityId null for a fence
 * @param fields all own fields of a created thing, the changed ones of an updated one, the whole
 *     payload of a fence and of a custom event; empty otherwise
 * @param joined whether it must be sent together with the event before it: an atomic batch is one
 *     send
 * @param extras what few events say beside, null for nothing
 */
public record Event(
    Origin origin,
    Verb verb,
    double epoch,
    double life,
    double seq,
    @Nullable String entityId,
    @Nullable String entityType,
    double version,
    double tsMs,
    Fields fields,
    int bytes,
    boolean joined,
    @Nullable Custom custom,
    @Nullable Extras extras)
    implements PipelineRecord {

  /** What a record's envelope adds to its payload, in bytes, ids and types aside. */
  static final int ENVELOPE_BYTES = 404;

  /** What of that is the life's, which a custom event has not. */
  static final int LIFE_BYTES = 44;

  /** Stands for an update that leaves it as it is when the thing expires. */
  public static final double UNCHANGED = -1;

  /** What {@link Extras} add to a record or a line, in bytes. */
  private static final int EXTRAS_BYTES = 64;

  /** Where the payload of a deletion says why, where no client asked for the deletion. */
  private static final String REASON = "$reason";

  private static final String EXPIRED = "expired";

  /** Where the payload of an update names the fields that it takes away. */
  private static final String UNSET = "$unset";

  /** What happened; {@code code} is its letter in a row of the event log. */
  public enum Verb {
    CREATED("thing.created", "created", 'C'),
    UPDATED("thing.updated", "updated", 'U'),
    DELETED("thing.deleted", "deleted", 'D'),
    /** A life begins, and says what it goes on from. */
    FENCE("store.fence", "fence", 'F'),
    /** A fence: the life goes on from nothing, for the store was deleted. */
    STORE_DELETED("store.deleted", "deleted", 'E'),
    /** A fence: the events behind it make of the store what it once was. */
    STORE_RESTORED("store.restored", "restored", 'B'),
    /** A fence: the events behind it bring what another store held. */
    STORE_FORKED("store.forked", "forked", 'K'),
    /** It changes nothing: where it is visible, what was sent before it is. */
    PROBE("store.probe", "probe", 'P'),
    /** No event: the version of a thing that a snapshot has, where older ones were erased. */
    SNAPSHOT("store.snapshot", "snapshot", 'S'),
    /** Whatever the user of a stand-alone emitter calls it. */
    CUSTOM("", "", 'X');

    private final String fullName;
    private final String operation;
    private final char code;

    Verb(String fullName, String operation, char code) {
      this.fullName = fullName;
      this.operation = operation;
      this.code = code;
    }

    char code() {
      return code;
    }

    /** Whether a life begins with it, and it has no seq. */
    public boolean isFence() {
      return this == FENCE
          || this == STORE_DELETED
          || this == STORE_RESTORED
          || this == STORE_FORKED;
    }

    /** The verb of a store's records that has this name; null when none has. */
    public static @Nullable Verb ofName(@Nullable String name) {
      for (Verb verb : values()) {
        if (verb != CUSTOM && verb.fullName.equals(name)) {
          return verb;
        }
      }
      return null;
    }

    static @Nullable Verb ofCode(char code) {
      for (Verb verb : values()) {
        if (verb.code == code) {
          return verb;
        }
      }
      return null;
    }
  }

  /**
   * What few events say.
   *
   * @param expiresAtMs when the thing expires from this event on, 0 for not at all, {@link
   *     #UNCHANGED} in an update that says nothing of it
   * @param expired whether the thing was deleted because it had expired
   * @param session the session whose write it is, as its client calls it, null for a write outside
   *     of sessions
   * @param sub the owner of that session, null where sessions have no owners
   * @param n the number of the write in its session
   * @param batchIndex which operation of a batch it is, {@link #NO_BATCH} in a write of its own
   * @param createdAtMs when another store created the thing that a fork brings, 0 for this event
   * @param updatedAtMs when that store changed it last
   */
  public record Extras(
      double expiresAtMs,
      boolean expired,
      @Nullable String session,
      @Nullable String sub,
      double n,
      int batchIndex,
      double createdAtMs,
      double updatedAtMs) {
    /** For a write that is no batch. */
    public static final int NO_BATCH = -1;

    private static final Extras DELETED_WHEN_EXPIRED = new Extras(UNCHANGED, true);
    private static final Extras NONE = new Extras(UNCHANGED, false);

    Extras(double expiresAtMs, boolean expired) {
      this(expiresAtMs, expired, null, null, 0, NO_BATCH, 0, 0);
    }

    /** Of a thing that a fork brings. */
    static Extras ofFork(double expiresAtMs, double createdAtMs, double updatedAtMs) {
      return new Extras(
          expiresAtMs == 0 ? UNCHANGED : expiresAtMs,
          false,
          null,
          null,
          0,
          NO_BATCH,
          createdAtMs,
          updatedAtMs);
    }

    /** Whether the thing is older than the event that brings it. */
    public boolean isForked() {
      return createdAtMs != 0;
    }

    Extras inSession(String name, @Nullable String owner, double number, int index) {
      return new Extras(expiresAtMs, expired, name, owner, number, index, createdAtMs, updatedAtMs);
    }

    /** Null for an event that says nothing more. */
    static @Nullable Extras ofExpiry(double expiresAtMs) {
      return expiresAtMs == UNCHANGED ? null : new Extras(expiresAtMs, false);
    }
  }

  /** The names that the user of a stand-alone emitter gave. */
  public record Custom(String verb, String store) {}

  public static Event created(Origin origin, Thing thing, Life life, boolean joined) {
    Extras extras = thing.expiresAtMs() == 0 ? null : Extras.ofExpiry(thing.expiresAtMs());
    return created(origin, thing, life, thing.createdAtMs(), joined, extras);
  }

  /** The thing as another store had it, its version and its times included. */
  public static Event forked(Origin origin, Thing thing, Life life, double nowMs) {
    Extras extras = Extras.ofFork(thing.expiresAtMs(), thing.createdAtMs(), thing.updatedAtMs());
    return created(origin, thing, life, nowMs, false, extras);
  }

  /**
   * The version of a thing that a snapshot has, in the place of the events before it.
   *
   * @param beganMs when the snapshot was begun: it was there by then, whatever the clock said when
   *     it was written
   */
  public static Event ofSnapshot(Origin origin, Thing thing, Life life, double beganMs) {
    return new Event(
        origin,
        Verb.SNAPSHOT,
        life.epoch(),
        life.of(thing.seq()),
        thing.seq(),
        thing.id(),
        thing.type(),
        thing.version(),
        Math.min(thing.updatedAtMs(), beganMs),
        thing.fields(),
        thing.bytes(),
        false,
        null,
        null);
  }

  private static Event created(
      Origin origin, Thing thing, Life life, double tsMs, boolean joined, @Nullable Extras extras) {
    int extraBytes = extras != null && extras.isForked() ? EXTRAS_BYTES : 0;
    return new Event(
        origin,
        Verb.CREATED,
        life.epoch(),
        life.id(),
        thing.seq(),
        thing.id(),
        thing.type(),
        thing.version(),
        tsMs,
        thing.fields(),
        thing.bytes() + 2 * thing.id().length() + ENVELOPE_BYTES + extraBytes,
        joined,
        null,
        extras);
  }

  /**
   * An update to {@code thing}, which is the new version; {@code changes} is what was asked for.
   *
   * @param expiresAtMs when the thing expires if that has changed, 0 for not any more, else {@link
   *     #UNCHANGED}
   */
  public static Event updated(
      Origin origin,
      Thing thing,
      Fields changes,
      int changedBytes,
      double expiresAtMs,
      Life life,
      boolean joined) {
    int extraBytes = expiresAtMs == UNCHANGED ? 0 : EXTRAS_BYTES;
    return new Event(
        origin,
        Verb.UPDATED,
        life.epoch(),
        life.id(),
        thing.seq(),
        thing.id(),
        thing.type(),
        thing.version(),
        thing.updatedAtMs(),
        changes,
        changedBytes
            + 3 * thing.id().length()
            + thing.type().length()
            + ENVELOPE_BYTES
            + extraBytes,
        joined,
        null,
        Extras.ofExpiry(expiresAtMs));
  }

  /** The deletion of {@code thing}, its last version. */
  public static Event deleted(
      Origin origin, Thing thing, Life life, double seq, double nowMs, boolean joined) {
    return deleted(origin, thing, life, seq, nowMs, joined, null);
  }

  /** The deletion of {@code thing}, its last version, because it has expired. */
  public static Event expired(
      Origin origin, Thing thing, Life life, double seq, double nowMs, boolean joined) {
    return deleted(origin, thing, life, seq, nowMs, joined, Extras.DELETED_WHEN_EXPIRED);
  }

  private static Event deleted(
      Origin origin,
      Thing thing,
      Life life,
      double seq,
      double nowMs,
      boolean joined,
      @Nullable Extras extras) {
    return new Event(
        origin,
        Verb.DELETED,
        life.epoch(),
        life.id(),
        seq,
        thing.id(),
        thing.type(),
        thing.version(),
        nowMs,
        Fields.ofText("{}"),
        3 * thing.id().length() + thing.type().length() + ENVELOPE_BYTES,
        joined,
        null,
        extras);
  }

  /** The first record of a life: its claim. */
  public static Event fence(Origin origin, Life life) {
    return fence(origin, Verb.FENCE, life, "");
  }

  /**
   * The first record of a life that begins for a reason.
   *
   * @param more members of its payload, each behind a comma
   */
  static Event fence(Origin origin, Verb verb, Life life, String more) {
    JsonWriter payload = origin.json().writer().raw("{\"parent\":").number(life.parent());
    payload.raw(",\"parentSeq\":").number(life.parentSeq());
    payload.raw(",\"writer\":").string(origin.writer()).raw(more).raw("}");
    return new Event(
        origin,
        verb,
        life.epoch(),
        life.id(),
        0,
        null,
        null,
        0,
        life.claimMs(),
        Fields.ofText(payload.text()),
        payload.text().length() + ENVELOPE_BYTES,
        false,
        null,
        null);
  }

  /**
   * Whether it is the fence of a life.
   *
   * @param ofLife 0 for none: fences of before there were lives have that too
   */
  boolean isFenceOf(double ofLife) {
    return verb.isFence() && ofLife != 0 && life == ofLife;
  }

  /** The last event of its parent that counts for the life that begins with this fence. */
  double parentSeq() {
    if (!verb.isFence()) {
      return 0;
    }
    JsonObject payload = fields.object(origin.json());
    return payload.kind("parentSeq") == JsonKind.NUMBER ? payload.number("parentSeq") : 0;
  }

  /**
   * The first record of a log that begins as a copy of another one.
   *
   * @param at the position of that one which it was copied at, as a text
   */
  public static Event forkFence(Origin origin, Life life, String namespace, String at) {
    return fence(origin, Verb.STORE_FORKED, life, forkedFrom(origin.json(), namespace, at));
  }

  /** What the fence of a fork says of where it comes from, behind a comma. */
  public static String forkedFrom(Json json, String namespace, String at) {
    JsonWriter member = json.writer().raw(",\"from\":{\"namespace\":").string(namespace);
    return member.raw(",\"at\":").string(at).raw("}").text();
  }

  /**
   * A record that only shows how far the archive has come.
   *
   * @param number told apart from other probes by it; it is no life's
   */
  static Event probe(Origin origin, double epoch, double number, double nowMs) {
    return new Event(
        origin,
        Verb.PROBE,
        epoch,
        number,
        0,
        null,
        null,
        0,
        nowMs,
        Fields.ofText("{}"),
        ENVELOPE_BYTES,
        false,
        null,
        null);
  }

  /**
   * An event as the archive has it; null when no store writes its verb.
   *
   * <p>System fields come out of the payload, so that {@code fields} is what the user wrote.
   */
  public static @Nullable Event archived(Origin origin, ArchivedEvent row) {
    Verb verb = Verb.ofName(row.verb());
    if (verb == null || verb == Verb.PROBE || verb == Verb.SNAPSHOT) {
      return null;
    }
    boolean fence = verb.isFence();
    String text = fence ? "" : Objects.requireNonNull(row.payload());
    JsonObject payload = fence ? origin.json().object() : origin.json().parse(text);
    Extras extras = fence ? null : archivedExtras(payload);
    if (verb == Verb.CREATED) {
      extras = withTimes(extras, payload, row.version(), row.tsMs());
    }
    if (row.session() != null) {
      extras =
          (extras == null ? Extras.NONE : extras)
              .inSession(row.session(), row.sub(), row.n(), row.batchIndex());
    }
    return new Event(
        origin,
        verb,
        row.epoch(),
        row.life(),
        row.seq(),
        fence ? null : textOf(payload, Thing.ID, row.entityId()),
        fence ? null : textOf(payload, Thing.TYPE, row.entityType()),
        row.version(),
        row.tsMs(),
        verb == Verb.CREATED || verb == Verb.UPDATED
            ? archivedFields(verb, payload, extras)
            : Fields.ofText("{}"),
        text.length() + ENVELOPE_BYTES,
        false,
        null,
        extras);
  }

  /** Whether it says what another one says, however their records were spelled. */
  public boolean saysWhat(Event other) {
    return EventLine.write(this).equals(EventLine.write(other));
  }

  /** The row that the archive has of this event, where it is a record of its own. */
  ArchivedEvent archivedRow() {
    JsonWriter payload = origin.json().writer();
    writePayload(payload);
    boolean numbered = extras != null && extras.session != null;
    Extras more = numbered ? Objects.requireNonNull(extras) : Extras.NONE;
    return new ArchivedEvent(
        epoch,
        life,
        seq,
        name(),
        entityId,
        entityType,
        version,
        tsMs,
        payload.text(),
        more.session,
        more.sub,
        more.n,
        more.batchIndex);
  }

  /**
   * This event as one of a session's write.
   *
   * @param sub the session's owner, null where sessions have no owners
   */
  public Event inSession(String session, @Nullable String sub, double n, int batchIndex) {
    Extras more = (extras == null ? Extras.NONE : extras).inSession(session, sub, n, batchIndex);
    return new Event(
        origin,
        verb,
        epoch,
        life,
        seq,
        entityId,
        entityType,
        version,
        tsMs,
        fields,
        bytes + EXTRAS_BYTES + 2 * session.length() + (sub == null ? 0 : 2 * sub.length()),
        joined,
        custom,
        more);
  }

  /** Appends whose write it is to an object that has members already. */
  private void writeSession(JsonWriter writer) {
    if (extras != null && extras.session != null) {
      writer.raw(",\"session\":").string(extras.session);
      if (extras.sub != null) {
        writer.raw(",\"sub\":").string(extras.sub);
      }
      writer.raw(",\"n\":").number(extras.n);
      if (extras.batchIndex != Extras.NO_BATCH) {
        writer.raw(",\"batchIndex\":").number(extras.batchIndex);
      }
    }
  }

  /** When the thing expires from this event on; {@code before} when the event leaves it so. */
  public double expiresAtMs(double before) {
    return extras == null || extras.expiresAtMs == UNCHANGED ? before : extras.expiresAtMs;
  }

  /**
   * A creation at another time than its event's is a fork's. So is one of a later version: a thing
   * can be created, changed and brought along in one millisecond.
   */
  private static @Nullable Extras withTimes(
      @Nullable Extras extras, JsonObject payload, double version, double tsMs) {
    if (payload.kind(Thing.CREATED_AT) != JsonKind.NUMBER
        || payload.kind(Thing.UPDATED_AT) != JsonKind.NUMBER) {
      return extras;
    }
    double createdAtMs = payload.number(Thing.CREATED_AT);
    double updatedAtMs = payload.number(Thing.UPDATED_AT);
    boolean own = version == 1 && createdAtMs == tsMs && updatedAtMs == tsMs;
    double expiresAtMs = extras == null ? 0 : extras.expiresAtMs;
    return own ? extras : Extras.ofFork(expiresAtMs, createdAtMs, updatedAtMs);
  }

  /** What {@link #writeLineExtras} has written. */
  static @Nullable Extras lineExtras(JsonObject object) {
    Extras extras = withTimes(archivedExtras(object), object, 0, 0);
    if (object.kind("session") != JsonKind.STRING) {
      return extras;
    }
    boolean batch = object.kind("batchIndex") == JsonKind.NUMBER;
    return (extras == null ? Extras.NONE : extras)
        .inSession(
            object.string("session"),
            object.kind("sub") == JsonKind.STRING ? object.string("sub") : null,
            object.number("n"),
            batch ? (int) object.number("batchIndex") : Extras.NO_BATCH);
  }

  /** All of {@link Extras}, each member behind a comma. */
  void writeLineExtras(JsonWriter writer) {
    writeExtras(writer);
    if (extras != null && extras.isForked()) {
      writer.raw(",\"$createdAt\":").number(extras.createdAtMs);
      writer.raw(",\"$updatedAt\":").number(extras.updatedAtMs);
    }
    writeSession(writer);
  }

  /** What a payload says beside. */
  static @Nullable Extras archivedExtras(JsonObject object) {
    if (object.kind(REASON) == JsonKind.STRING && object.string(REASON).equals(EXPIRED)) {
      return Extras.DELETED_WHEN_EXPIRED;
    }
    return switch (object.kind(Thing.EXPIRES_AT)) {
      case NUMBER -> Extras.ofExpiry(object.number(Thing.EXPIRES_AT));
      case NULL -> Extras.ofExpiry(0);
      default -> null;
    };
  }

  /** What {@link #archivedExtras} reads, each member behind a comma. */
  void writeExtras(JsonWriter writer) {
    if (extras == null) {
      return;
    }
    if (extras.expired) {
      writer.raw(",\"$reason\":\"expired\"");
    } else if (extras.expiresAtMs == 0) {
      writer.raw(",\"$expiresAt\":null");
    } else if (extras.expiresAtMs != UNCHANGED) {
      writer.raw(",\"$expiresAt\":").number(extras.expiresAtMs);
    }
  }

  /** What the payload says: a column of the table cannot hold half of a surrogate pair. */
  private static @Nullable String textOf(JsonObject payload, String name, @Nullable String column) {
    return payload.kind(name) == JsonKind.STRING ? payload.string(name) : column;
  }

  /** The id of the thing, of an event that is a thing's. */
  public String thingId() {
    return Objects.requireNonNull(entityId);
  }

  /** The type of the thing, of an event that is a thing's. */
  public String thingType() {
    return Objects.requireNonNull(entityType);
  }

  /** The life it belongs to: the epoch stands for one from before there were lives. */
  public double lifeId() {
    return life == 0 ? epoch : life;
  }

  /** The event's name in a record, such as {@code thing.created}. */
  public String name() {
    return custom != null ? custom.verb() : verb.fullName;
  }

  private String store() {
    return custom != null ? custom.store() : "things";
  }

  /** What the idempotency key calls the verb. */
  private String operation() {
    return custom != null
        ? custom.verb().substring(custom.verb().lastIndexOf('.') + 1)
        : verb.operation;
  }

  @Override
  public void writeTo(JsonWriter writer) {
    writer.raw("{\"verb\":").string(name()).raw(",\"store\":").string(store());
    writer.raw(",\"payload\":");
    writePayload(writer);
    writer.raw(",\"timestamp\":").string(origin.clock().iso(tsMs));
    writer
        .raw(",\"idempotencyKey\":")
        .string(origin.json().idempotencyKey(operation(), entityId, tsMs, epoch, seq, life));
    writer.raw(",\"_meta\":{\"namespace\":").string(origin.namespace());
    writer.raw("},\"ns\":").string(origin.namespace());
    writer.raw(",\"epoch\":").number(epoch).raw(",\"seq\":").number(seq);
    if (life != 0) {
      writer.raw(",\"life\":").number(life);
    }
    if (entityId != null && entityType != null) {
      writer.raw(",\"entityId\":").string(entityId);
      writer.raw(",\"entityType\":").string(entityType);
      writer.raw(",\"version\":").number(version);
    }
    writer.raw(",\"ts\":").number(tsMs);
    writeSession(writer);
    writer.raw("}");
  }

  private void writePayload(JsonWriter writer) {
    Json json = origin.json();
    if (verb == Verb.CUSTOM || verb == Verb.PROBE || verb.isFence()) {
      writer.raw(fields.text(json));
      return;
    }
    writer.raw("{\"$id\":").string(thingId());
    switch (verb) {
      case CREATED -> {
        writer.raw(",\"$type\":").string(thingType()).raw(",\"$version\":").number(version);
        fields.writeMembers(writer, json);
        Extras fork = extras != null && extras.isForked() ? extras : null;
        writer.raw(",\"$createdAt\":").number(fork != null ? fork.createdAtMs : tsMs);
        writer.raw(",\"$updatedAt\":").number(fork != null ? fork.updatedAtMs : tsMs);
      }
      case UPDATED -> {
        fields.writeMembers(writer, json);
        if (!fields.unset().isEmpty()) {
          writer.raw(",\"$unset\":");
          writeUnset(writer);
        }
        writer.raw(",\"$version\":").number(version).raw(",\"$updatedAt\":").number(tsMs);
      }
      default -> writer.raw(",\"$deletedAt\":").number(tsMs);
    }
    writeExtras(writer);
    writer.raw("}");
  }

  /** The names of the fields that an update takes away, as a JSON array. */
  void writeUnset(JsonWriter writer) {
    String separator = "[";
    for (String name : fields.unset()) {
      writer.raw(separator).string(name);
      separator = ",";
    }
    writer.raw("]");
  }

  /** What an update's payload says of fields. */
  private JsonObject changes(Json json) {
    if (fields.unset().isEmpty()) {
      return fields.object(json);
    }
    JsonWriter unset = json.writer().raw("{\"$unset\":");
    writeUnset(unset);
    JsonObject changes = json.object().setAll(fields.object(json));
    return changes.setAll(json.parse(unset.raw("}").text()));
  }

  /**
   * The fields that a payload or a row says are taken away; an update of before there were such may
   * have a field of that name.
   */
  static List<String> unset(JsonObject object) {
    if (object.kind(UNSET) != JsonKind.ARRAY) {
      return List.of();
    }
    JsonArray array = object.array(UNSET);
    List<String> names = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      if (array.kind(i) != JsonKind.STRING) {
        return List.of();
      }
      names.add(array.string(i));
    }
    return names;
  }

  private static Fields archivedFields(Verb verb, JsonObject payload, @Nullable Extras extras) {
    List<String> unset = verb == Verb.UPDATED ? unset(payload) : List.of();
    if (extras != null && extras.expiresAtMs != UNCHANGED) {
      payload.remove(Thing.EXPIRES_AT);
    }
    JsonObject own = Fields.withoutSystemFields(payload);
    if (unset.isEmpty()) {
      return Fields.of(own);
    }
    own.remove(UNSET);
    return Fields.change(own, unset);
  }

  @Override
  public JsonObject toObject(Json json) {
    JsonObject envelope =
        json.envelope(
            name(),
            store(),
            payloadObject(json),
            origin.clock().iso(tsMs),
            operation(),
            origin.meta(),
            origin.namespace(),
            epoch,
            seq,
            life,
            entityId,
            entityType,
            version,
            tsMs);
    if (extras != null && extras.session != null) {
      envelope.set("session", extras.session).set("n", extras.n);
      if (extras.sub != null) {
        envelope.set("sub", extras.sub);
      }
      if (extras.batchIndex != Extras.NO_BATCH) {
        envelope.set("batchIndex", extras.batchIndex);
      }
    }
    return envelope;
  }

  private JsonObject payloadObject(Json json) {
    JsonObject payload = plainPayload(json);
    if (extras == null) {
      return payload;
    }
    JsonWriter more = json.writer().raw("{\"$id\":").string(thingId());
    writeExtras(more);
    if (extras.isForked()) {
      more.raw(",\"$createdAt\":").number(extras.createdAtMs);
      more.raw(",\"$updatedAt\":").number(extras.updatedAtMs);
    }
    return payload.setAll(json.parse(more.raw("}").text()));
  }

  private JsonObject plainPayload(Json json) {
    return switch (verb) {
      case CREATED -> json.created(thingId(), thingType(), version, fields.object(json), tsMs);
      case UPDATED -> json.updated(thingId(), changes(json), version, tsMs);
      case DELETED -> json.object().set(Thing.ID, thingId()).set("$deletedAt", tsMs);
      default -> fields.object(json);
    };
  }
}
