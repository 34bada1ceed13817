package dev.unifiedstorage.protocol;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonParseException;
import dev.unifiedstorage.port.JsonValue;
import dev.unifiedstorage.port.Member;
import dev.unifiedstorage.query.Mismatch;
import dev.unifiedstorage.query.Query;
import dev.unifiedstorage.query.QueryException;
import dev.unifiedstorage.query.QueryReader;
import dev.unifiedstorage.query.Value;
import dev.unifiedstorage.wal.Moment;
import dev.unifiedstorage.wal.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * From the text of a message to checked {@link Request}s.
 *
 * <p>It never throws and never guesses: what is not exactly a request becomes {@link
 * Operation.Malformed} with the error the client gets. Its counterpart is {@link ReplyWriter}; what
 * an update may say beside its data is {@link EditsReader}'s.
 */
public final class RequestReader {
  /** Stands for an {@code ifVersion} that is no version. */
  private static final double NO_VERSION = -2;

  /** Stands for an {@code expiresInMs} that is no time to live. */
  private static final double NO_EXPIRY = -2;

  /** What a {@code $id} and a {@code $type} must be. */
  static final String NAME = "a string of 1 to " + Limits.NAME_CHARS + " characters";

  /** What a moment must be. */
  public static final String MOMENT = "a time in ms, {\"seq\":n} or the at of a reply";

  private static final String EXPIRY = "a whole number from 1 to 10000000000000";

  private static final String TO = "to";

  private final Json json;
  private final EditsReader edits;
  private boolean leavesWrites;

  public RequestReader(Json json) {
    this.json = json;
    this.edits = new EditsReader(json);
  }

  /** Leaves writes unread from now on, because the application has a say in each. */
  public void leaveWrites() {
    leavesWrites = true;
  }

  /**
   * Reads one request in the form of {@code put}, which belongs to the store from now on.
   *
   * @param bytes an upper estimate of the data's length as text
   */
  public Operation readOnePut(JsonObject source, int bytes) {
    return isTooDeep(source, "put") ? tooDeep(source) : readOrLeave(source, "put", bytes);
  }

  /** Reads a write that was left unread, or what the application has put in its place. */
  public Operation readWrite(JsonObject source, int bytes) {
    String type = typeOf(source);
    return isTooDeep(source, type) ? tooDeep(source) : readOperation(source, type, bytes);
  }

  /**
   * Reads one request that is no text: it belongs to the store from now on, and its maker may not
   * change it.
   */
  public Message read(JsonObject message) {
    int chars = json.writer().object(message).text().length();
    // A character has three bytes at most; what may be too long is counted in the way of a text.
    return chars > Limits.MESSAGE_BYTES / 3
        ? read(json.writer().object(message).text(), false)
        : readRequest(message, chars, chars, false);
  }

  /** Reads one message of a socket. */
  public Message read(String text) {
    return read(text, false);
  }

  /** Reads the body of a request over HTTP: an {@code id} is optional there. */
  public Message readBody(String text) {
    return read(text, true);
  }

  private Message read(String text, boolean idOptional) {
    if (text.length() > Limits.MESSAGE_BYTES / 3 && json.utf8Length(text) > Limits.MESSAGE_BYTES) {
      return tooLarge();
    }
    JsonValue message;
    try {
      message = json.parseMessage(text);
    } catch (JsonParseException e) {
      return unreadable(ErrorCode.PARSE_ERROR, String.valueOf(e.getMessage()));
    }
    return message.kind() == JsonKind.ARRAY
        ? readFrame(message.array(), text.length(), idOptional)
        : readRequest(message.object(), text.length(), text.length(), idOptional);
  }

  /**
   * What a fork makes of which moment.
   *
   * @param moment null for the present
   */
  public record Fork(String to, @Nullable Moment moment) {}

  /**
   * Reads the body of a fork over HTTP.
   *
   * @throws QueryException when the body asks for no fork
   */
  public Fork readFork(String body) {
    JsonObject object = object(body, TO);
    if (object.kind(TO) != JsonKind.STRING) {
      throw new QueryException(TO, Mismatch.of(object, TO, "a namespace", json));
    }
    boolean past = object.kind(Member.AT) != JsonKind.ABSENT;
    return new Fork(object.string(TO), past ? requireMoment(object) : null);
  }

  /**
   * The moment that the body of a request over HTTP names, as {@code at} of its one object.
   *
   * @throws QueryException when it names none
   */
  public Moment readAt(String body) {
    return requireMoment(object(body, Member.AT.key()));
  }

  private JsonObject object(String body, String field) {
    JsonValue message;
    try {
      message = json.parseMessage(body);
    } catch (JsonParseException e) {
      throw new QueryException(field, String.valueOf(e.getMessage()));
    }
    if (message.kind() != JsonKind.OBJECT) {
      throw new QueryException(field, "the body must be an object, got an array");
    }
    return message.object();
  }

  private Moment requireMoment(JsonObject object) {
    Moment moment = moment(object);
    if (moment == null) {
      String at = Member.AT.key();
      throw new QueryException(at, Mismatch.of(object, at, MOMENT, json));
    }
    return moment;
  }

  private Message readFrame(JsonArray elements, int chars, boolean idOptional) {
    int size = elements.size();
    if (size == 0) {
      return unreadable(ErrorCode.PARSE_ERROR, "expected at least one request in a frame");
    }
    if (size > Limits.FRAME_REQUESTS) {
      return unreadable(
          ErrorCode.VALIDATION_ERROR,
          "expected at most " + Limits.FRAME_REQUESTS + " requests in a frame, there are " + size);
    }
    List<Request> requests = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      requests.add(
          elements.kind(i) == JsonKind.OBJECT
              ? readRequest(elements.object(i), chars / size, Operation.UNMEASURED, idOptional)
              : Request.malformed(
                  Refusal.of(
                      ErrorCode.PARSE_ERROR,
                      Mismatch.of(elements, i, "frame", "an object", json))));
    }
    return new Message.Frame(requests);
  }

  private Request readRequest(JsonObject message, int chars, int dataBytes, boolean idOptional) {
    String id = json.scalar(message, Member.ID);
    if (id == null) {
      if (!idOptional || message.kind(Member.ID) != JsonKind.ABSENT) {
        return Request.malformed(Refusal.ofMember(message, "id", "a string or a number", json));
      }
      id = Request.NO_ID;
    }
    return new Request(id, read(message, dataBytes), chars, message);
  }

  /** What a message over the limit stands for. */
  public Message.Unreadable tooLarge() {
    return unreadable(
        ErrorCode.PAYLOAD_TOO_LARGE,
        "expected a message of at most " + Limits.MESSAGE_BYTES + " bytes");
  }

  /** What bytes which are no text stand for. */
  public Message.Unreadable undecodable() {
    return unreadable(ErrorCode.PARSE_ERROR, "expected UTF-8 text");
  }

  private static Message.Unreadable unreadable(ErrorCode code, String message) {
    return new Message.Unreadable(Refusal.of(code, message));
  }

  private Operation read(JsonObject message, int bytes) {
    String type = typeOf(message);
    if (type.equals("batch")) {
      return readBatch(message);
    }
    if (type.equals("ping")) {
      return new Operation.Ping();
    }
    if (type.equals("auth")) {
      return message.kind("token") == JsonKind.STRING
          ? new Operation.Auth(message.string("token"))
          : wrong(message, "token", "a string");
    }
    if (type.equals("hello")) {
      return readHello(message);
    }
    if (isTooDeep(message, type)) {
      return tooDeep(message);
    }
    if (type.equals("subscribe") || type.equals("unsubscribe")) {
      return readSubscription(message, type);
    }
    boolean count = type.equals("count");
    return count || type.equals("query")
        ? readQuery(message, count)
        : readOrLeave(message, type, bytes);
  }

  private Operation readHello(JsonObject message) {
    String session = message.kind("session") == JsonKind.STRING ? message.string("session") : "";
    if (!Request.isSessionName(session)) {
      return invalid("session", Request.wrongSession(message, json));
    }
    double next = message.kind("next") == JsonKind.NUMBER ? message.number("next") : 0;
    return next >= 1 && Math.floor(next) == next && next < Limits.NUMBERS
        ? new Operation.Hello(session, next)
        : wrong(message, "next", "a whole number from 1");
  }

  private Operation readSubscription(JsonObject message, String type) {
    SubscriptionReader reader = new SubscriptionReader(json);
    try {
      return type.equals("subscribe")
          ? reader.read(message)
          : new Operation.Unsubscribe(reader.name(message));
    } catch (QueryException e) {
      return invalid(e.field(), String.valueOf(e.getMessage()));
    }
  }

  private Operation readQuery(JsonObject message, boolean count) {
    String type = message.string(Member.THING_TYPE);
    if (type == null || !isName(type)) {
      return wrong(message, Member.THING_TYPE, NAME);
    }
    Moment moment = null;
    if (message.kind(Member.AT) != JsonKind.ABSENT) {
      moment = moment(message);
      if (moment == null) {
        return wrong(message, Member.AT, MOMENT);
      }
    }
    QueryReader reader = new QueryReader(json);
    try {
      Query query = count ? reader.count(type, message) : reader.page(type, message);
      return new Operation.Ask(query, moment);
    } catch (QueryException e) {
      return invalid(e.field(), String.valueOf(e.getMessage()));
    }
  }

  private Operation invalid(String field, String message) {
    return new Operation.Malformed(Refusal.ofField(field, message, json));
  }

  private static String typeOf(JsonObject message) {
    String type = message.string(Member.TYPE);
    return type == null ? "" : type;
  }

  /**
   * The operation is one level, its data the second: a thing may have NESTING of its own. A value
   * in a patch is two levels further in, and at least one further in the thing.
   */
  private static boolean isTooDeep(JsonObject operation, String type) {
    int depth = operation.depth();
    if (depth <= Limits.NESTING + 1) {
      return false;
    }
    JsonObject data = operation.object(Member.DATA);
    return depth > Limits.NESTING + 2
        || !type.equals("update")
        || operation.array(Member.PATCH) == null
        || (data != null && data.depth() > Limits.NESTING);
  }

  private Operation tooDeep(JsonObject operation) {
    JsonObject data = operation.object(Member.DATA);
    JsonArray patch = operation.array(Member.PATCH);
    boolean dataFits = data == null || data.depth() <= Limits.NESTING;
    for (int i = 0; patch != null && dataFits && i < patch.size(); i++) {
      // The step is a level around its value, as a thing is at least.
      if (patch.kind(i) == JsonKind.OBJECT && patch.object(i).depth() > Limits.NESTING) {
        String message = nested("patch[" + i + "]", Limits.NESTING, patch.object(i).depth());
        return new Operation.Malformed(
            Refusal.ofIndex(ErrorCode.VALIDATION_ERROR, i, message, json));
      }
    }
    return invalid(
        Member.DATA,
        data == null || dataFits
            ? nested("the request", Limits.NESTING + 1, operation.depth())
            : nested("data", Limits.NESTING, data.depth()));
  }

  private static String nested(String name, int most, int depth) {
    return name + " must be nested at most " + most + " levels deep, got " + depth;
  }

  private Operation readOrLeave(JsonObject message, String type, int bytes) {
    return leavesWrites && isWrite(type)
        ? new Operation.Unjudged(message, bytes)
        : readOperation(message, type, bytes);
  }

  private static boolean isWrite(String type) {
    return type.equals("create")
        || type.equals("put")
        || type.equals("update")
        || type.equals("delete");
  }

  private Operation readOperation(JsonObject message, String type, int bytes) {
    return switch (type) {
      case "create" -> readCreate(message, bytes);
      case "read" -> readRead(message);
      case "update" -> readUpdate(message, bytes);
      case "delete" -> readDelete(message);
      case "put" -> readPut(message, bytes);
      case "check" -> readCheck(message);
      default ->
          new Operation.Malformed(
              Refusal.of(
                  ErrorCode.UNKNOWN_TYPE,
                  "expected a type that is create, put, read, update, delete, check, batch, query,"
                      + " count, subscribe, unsubscribe, hello, auth or ping; in a batch one of the"
                      + " first six"));
    };
  }

  private Operation readCreate(JsonObject message, int bytes) {
    String type = message.string(Member.THING_TYPE);
    if (type == null || !isName(type)) {
      return wrong(message, Member.THING_TYPE, NAME);
    }
    JsonObject data = message.object(Member.DATA);
    if (data == null) {
      return wrong(message, Member.DATA, "an object");
    }
    String id = data.string(Member.THING_ID);
    if (id == null ? data.kind(Member.THING_ID) != JsonKind.ABSENT : !isName(id)) {
      Value wrong = Value.of(data, Member.THING_ID.key());
      return invalid(Member.THING_ID, Mismatch.of("data.$id", NAME + " or absent", wrong, json));
    }
    String foreign = data.keepOwnFields();
    if (foreign != null) {
      return foreignField(foreign);
    }
    if (!message.hasRareMember()) {
      return new Operation.Create(type, id, data, Operation.NEVER_EXPIRES, false, bytes);
    }
    double expiresInMs = expiresInMs(message, Operation.NEVER_EXPIRES);
    if (expiresInMs == NO_EXPIRY) {
      return wrongExpiry(message);
    }
    return mayReturn(message)
        ? new Operation.Create(type, id, data, expiresInMs, returns(message), bytes)
        : wrongReturn(message);
  }

  private Operation readPut(JsonObject message, int bytes) {
    String type = message.string(Member.THING_TYPE);
    if (type == null || !isName(type)) {
      return wrong(message, Member.THING_TYPE, NAME);
    }
    String id = message.string(Member.THING_ID);
    if (id == null || !isName(id)) {
      return wrong(message, Member.THING_ID, NAME);
    }
    JsonObject data = message.object(Member.DATA);
    if (data == null) {
      return wrong(message, Member.DATA, "an object");
    }
    String foreign = data.keepOwnFields();
    if (foreign != null) {
      return foreignField(foreign);
    }
    double ifVersion = ifVersion(message, Operation.ANY_VERSION);
    if (ifVersion == NO_VERSION) {
      return wrongVersion(message);
    }
    double expiresInMs = expiresInMs(message, Operation.NEVER_EXPIRES);
    if (expiresInMs == NO_EXPIRY) {
      return wrongExpiry(message);
    }
    return mayReturn(message)
        ? new Operation.Put(type, id, data, ifVersion, expiresInMs, returns(message), bytes)
        : wrongReturn(message);
  }

  private Operation readCheck(JsonObject message) {
    String id = message.string(Member.THING_ID);
    if (id == null || !isName(id)) {
      return wrong(message, Member.THING_ID, NAME);
    }
    double ifVersion = ifVersion(message, NO_VERSION);
    return ifVersion == NO_VERSION
        ? wrong(message, Member.IF_VERSION, "a whole number")
        : new Operation.Check(id, ifVersion);
  }

  private Operation readRead(JsonObject message) {
    JsonArray array = message.array(Member.THING_IDS);
    if (array == null) {
      return wrong(message, Member.THING_IDS, "an array of strings");
    }
    List<String> ids = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      if (array.kind(i) != JsonKind.STRING) {
        String name = Member.THING_IDS.key();
        return invalid(Member.THING_IDS, Mismatch.of(array, i, name, "a string", json));
      }
      ids.add(array.string(i));
    }
    return message.kind(Member.AT) == JsonKind.ABSENT
        ? new Operation.Read(once(ids))
        : readPast(message, ids);
  }

  /** What is asked for twice is shown once. */
  private static List<String> once(List<String> ids) {
    if (ids.size() < 2) {
      return ids;
    }
    Map<String, String> seen = new HashMap<>();
    List<String> once = new ArrayList<>(ids.size());
    for (String id : ids) {
      if (seen.put(id, id) == null) {
        once.add(id);
      }
    }
    return once;
  }

  private Operation readPast(JsonObject message, List<String> ids) {
    if (ids.size() > Limits.PAST_IDS) {
      return invalid(
          Member.THING_IDS,
          "expected at most "
              + Limits.PAST_IDS
              + " $ids in a read of the past, there are "
              + ids.size());
    }
    Moment moment = moment(message);
    return moment == null
        ? wrong(message, Member.AT, MOMENT)
        : new Operation.ReadPast(once(ids), moment);
  }

  /** What an {@code at} in a URL stands for, or null when it is no moment. */
  public @Nullable Moment moment(String text) {
    Position position = Position.parse(text);
    if (position != null) {
      return Moment.of(position);
    }
    try {
      return moment(json.parse("{\"at\":" + text + "}"));
    } catch (JsonParseException e) {
      return null;
    }
  }

  /** What {@code at} stands for, or null when it is no moment. */
  private static @Nullable Moment moment(JsonObject message) {
    if (message.kind(Member.AT) == JsonKind.STRING) {
      Position position = Position.parse(message.string(Member.AT.key()));
      return position == null ? null : Moment.of(position);
    }
    if (message.kind(Member.AT) == JsonKind.NUMBER) {
      double ms = message.number(Member.AT);
      return ms >= 0 ? Moment.ofTime(ms) : null;
    }
    JsonObject at = message.object(Member.AT);
    double seq = at == null ? Double.NaN : at.number(Member.SEQ);
    boolean whole = seq == Double.POSITIVE_INFINITY || Math.floor(seq) == seq;
    return seq >= 0 && whole ? Moment.ofSeq(seq) : null;
  }

  private Operation readUpdate(JsonObject message, int bytes) {
    String id = message.string(Member.THING_ID);
    if (id == null || !isName(id)) {
      return wrong(message, Member.THING_ID, NAME);
    }
    boolean rare = message.hasRareMember();
    JsonObject data = message.object(Member.DATA);
    if (data == null && (message.kind(Member.DATA) != JsonKind.ABSENT || !rare)) {
      return wrong(message, Member.DATA, "an object");
    }
    String foreign = data == null ? null : data.keepOwnFields();
    if (foreign != null) {
      return foreignField(foreign);
    }
    double ifVersion = ifVersion(message, Operation.ANY_VERSION);
    if (ifVersion == NO_VERSION) {
      return wrongVersion(message);
    }
    if (!rare) {
      return new Operation.Update(id, data, null, Operation.KEEP_EXPIRY, ifVersion, false, bytes);
    }
    if (!mayReturn(message)) {
      return wrongReturn(message);
    }
    double expiresInMs =
        message.kind(Member.EXPIRES_IN_MS) == JsonKind.NULL
            ? Operation.NEVER_EXPIRES
            : expiresInMs(message, Operation.KEEP_EXPIRY);
    if (expiresInMs == NO_EXPIRY) {
      return wrong(message, Member.EXPIRES_IN_MS, EXPIRY + ", null or absent");
    }
    Edits more = null;
    if (edits.has(message)) {
      Refusal refusal = edits.refusal(message);
      if (refusal != null) {
        return new Operation.Malformed(refusal);
      }
      more = edits.read(message);
    } else if (data == null) {
      if (expiresInMs == Operation.KEEP_EXPIRY) {
        return invalid(
            Member.DATA,
            "an update must have data, unset, increment, patch or expiresInMs, got none of them");
      }
      data = json.object();
    }
    return new Operation.Update(id, data, more, expiresInMs, ifVersion, returns(message), bytes);
  }

  private Operation readDelete(JsonObject message) {
    String id = message.string(Member.THING_ID);
    if (id == null || !isName(id)) {
      return wrong(message, Member.THING_ID, NAME);
    }
    double ifVersion = ifVersion(message, Operation.ANY_VERSION);
    return ifVersion == NO_VERSION ? wrongVersion(message) : new Operation.Delete(id, ifVersion);
  }

  private Operation readBatch(JsonObject message) {
    JsonArray array = message.array(Member.OPERATIONS);
    if (array == null) {
      return wrong(message, Member.OPERATIONS, "an array");
    }
    JsonKind atomic = message.kind(Member.ATOMIC);
    if (atomic != JsonKind.ABSENT && atomic != JsonKind.BOOLEAN) {
      return wrong(message, Member.ATOMIC, "true, false or absent");
    }
    if (array.size() > Limits.BATCH_OPERATIONS) {
      return invalid(
          Member.OPERATIONS,
          "expected at most " + Limits.BATCH_OPERATIONS + " operations, there are " + array.size());
    }
    // Message, array and operation are three levels around the data of any operation.
    boolean deep = message.depth() > Limits.NESTING + 3;
    List<Operation> operations = new ArrayList<>(array.size());
    int writes = 0;
    for (int i = 0; i < array.size(); i++) {
      if (array.kind(i) != JsonKind.OBJECT) {
        operations.add(
            new Operation.Malformed(
                Refusal.ofIndex(
                    ErrorCode.VALIDATION_ERROR,
                    i,
                    Mismatch.of(array, i, Member.OPERATIONS.key(), "an object", json),
                    json)));
        continue;
      }
      JsonObject operation = array.object(i);
      String type = typeOf(operation);
      Operation read =
          deep && isTooDeep(operation, type)
              ? tooDeep(operation)
              : readOrLeave(operation, type, Operation.UNMEASURED);
      writes += read.writes();
      boolean past = read instanceof Operation.ReadPast;
      operations.add(past ? wrong(operation, Member.AT, "absent in a batch") : read);
    }
    return new Operation.Batch(
        operations, writes, atomic == JsonKind.BOOLEAN && message.bool(Member.ATOMIC.key()));
  }

  /** {@link #NO_VERSION} when it is no version; 0 is that of a thing that is not there. */
  private static double ifVersion(JsonObject message, double absent) {
    double value = message.number(Member.IF_VERSION);
    if (value >= 0 && Math.floor(value) == value && value < 9007199254740992.0) {
      return value;
    }
    return message.kind(Member.IF_VERSION) == JsonKind.ABSENT ? absent : NO_VERSION;
  }

  /** {@link #NO_EXPIRY} when it is no time to live. */
  private static double expiresInMs(JsonObject message, double absent) {
    double ms = message.number(Member.EXPIRES_IN_MS);
    if (ms >= 1 && ms <= Limits.EXPIRES_IN_MS && Math.floor(ms) == ms) {
      return ms;
    }
    return message.kind(Member.EXPIRES_IN_MS) == JsonKind.ABSENT ? absent : NO_EXPIRY;
  }

  private Operation wrongExpiry(JsonObject message) {
    return wrong(message, Member.EXPIRES_IN_MS, EXPIRY + " or absent");
  }

  private Operation wrongVersion(JsonObject message) {
    return wrong(message, Member.IF_VERSION, "a whole number or absent");
  }

  private static boolean mayReturn(JsonObject message) {
    JsonKind kind = message.kind(Member.RETURN);
    return kind == JsonKind.ABSENT || kind == JsonKind.BOOLEAN;
  }

  private static boolean returns(JsonObject message) {
    return message.kind(Member.RETURN) == JsonKind.BOOLEAN && message.bool(Member.RETURN.key());
  }

  private Operation wrongReturn(JsonObject message) {
    return wrong(message, Member.RETURN, "true, false or absent");
  }

  private static boolean isName(String text) {
    return !text.isEmpty() && text.length() <= Limits.NAME_CHARS;
  }

  private Operation foreignField(String name) {
    return new Operation.Malformed(
        Refusal.ofField(
            name, "expected no field whose name begins with $ in data, found " + name, json));
  }

  private Operation wrong(JsonObject message, Member member, String must) {
    return wrong(message, member.key(), must);
  }

  private Operation wrong(JsonObject message, String name, String must) {
    return new Operation.Malformed(Refusal.ofMember(message, name, must, json));
  }

  private Operation invalid(Member member, String message) {
    return new Operation.Malformed(Refusal.ofField(member.key(), message, json));
  }
}
