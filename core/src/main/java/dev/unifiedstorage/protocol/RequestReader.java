package dev.unifiedstorage.protocol;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonParseException;
import dev.unifiedstorage.port.Member;
import dev.unifiedstorage.state.Fields;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * From the text of a message to a checked {@link Request}.
 *
 * <p>It never throws and never guesses: what is not exactly a request becomes {@link
 * Operation.Malformed} with the error the client gets. Its counterpart is {@link ReplyWriter}.
 */
public final class RequestReader {
  static final String NO_ID = "null";

  private final Json json;

  public RequestReader(Json json) {
    this.json = json;
  }

  public Request read(String text) {
    if (text.length() > Limits.MESSAGE_BYTES / 3 && json.utf8Length(text) > Limits.MESSAGE_BYTES) {
      return tooLarge();
    }
    JsonObject message;
    try {
      message = json.parse(text);
    } catch (JsonParseException e) {
      return Request.malformed(NO_ID, ErrorCode.PARSE_ERROR, e.getMessage());
    }
    String id = json.scalar(message, Member.ID);
    if (id == null) {
      return Request.malformed(
          NO_ID, ErrorCode.VALIDATION_ERROR, "expected an id that is a string or a number");
    }
    return new Request(id, read(message, text.length()), text.length());
  }

  /** The request that a message over the limit stands for. */
  public Request tooLarge() {
    return Request.malformed(
        NO_ID,
        ErrorCode.PAYLOAD_TOO_LARGE,
        "expected a message of at most " + Limits.MESSAGE_BYTES + " bytes");
  }

  /** The request that bytes which are no text stand for. */
  public Request undecodable() {
    return Request.malformed(NO_ID, ErrorCode.PARSE_ERROR, "expected UTF-8 text");
  }

  private Operation read(JsonObject message, int chars) {
    String type = typeOf(message);
    if (type.equals("batch")) {
      return readBatch(message);
    }
    if (type.equals("ping")) {
      return new Operation.Ping();
    }
    return isTooDeep(message) ? tooDeep() : readOperation(message, type, chars);
  }

  private static String typeOf(JsonObject message) {
    String type = message.string(Member.TYPE);
    return type == null ? "" : type;
  }

  /** The operation is one level, its data the second: a thing may have NESTING of its own. */
  private static boolean isTooDeep(JsonObject operation) {
    return operation.depth() > Limits.NESTING + 1;
  }

  private static Operation tooDeep() {
    return invalid("expected data nested at most " + Limits.NESTING + " levels deep");
  }

  private Operation readOperation(JsonObject message, String type, int chars) {
    return switch (type) {
      case "create" -> readCreate(message, chars);
      case "read" -> readRead(message);
      case "update" -> readUpdate(message, chars);
      case "delete" -> readDelete(message);
      default ->
          new Operation.Malformed(
              Refusal.of(
                  ErrorCode.UNKNOWN_TYPE,
                  "expected a type that is create, read, update, delete, batch or ping; in a batch"
                      + " one of the first four"));
    };
  }

  private Operation readCreate(JsonObject message, int chars) {
    String type = message.string(Member.THING_TYPE);
    if (!isName(type)) {
      return invalid(wrongName(Member.THING_TYPE));
    }
    JsonObject data = message.object(Member.DATA);
    if (data == null) {
      return invalid("expected data that is an object");
    }
    String id = data.string(Member.THING_ID);
    if (!isName(id) && (id != null || data.kind(Member.THING_ID) != JsonKind.ABSENT)) {
      return invalid(wrongName(Member.THING_ID) + " in data, or none");
    }
    return new Operation.Create(type, id, Fields.withoutSystemFields(data), chars);
  }

  private Operation readRead(JsonObject message) {
    JsonArray array = message.array(Member.THING_IDS);
    if (array == null) {
      return invalid("expected $ids that is an array of strings");
    }
    List<String> ids = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      if (array.kind(i) != JsonKind.STRING) {
        return invalid("expected strings in $ids, number " + i + " is none");
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
          "expected at most "
              + Limits.PAST_IDS
              + " $ids in a read of the past, there are "
              + ids.size());
    }
    double untilMs = message.number(Member.AT);
    double untilSeq = Double.POSITIVE_INFINITY;
    if (message.kind(Member.AT) != JsonKind.NUMBER) {
      JsonObject at = message.object(Member.AT);
      untilSeq = at == null ? Double.NaN : at.number(Member.SEQ);
      untilMs = Double.POSITIVE_INFINITY;
    }
    boolean whole = untilSeq == Double.POSITIVE_INFINITY || Math.floor(untilSeq) == untilSeq;
    return untilMs >= 0 && untilSeq >= 0 && whole
        ? new Operation.ReadPast(once(ids), untilSeq, untilMs)
        : invalid("expected an at that is a time in ms or {\"seq\":n}, or none");
  }

  private Operation readUpdate(JsonObject message, int chars) {
    String id = message.string(Member.THING_ID);
    if (!isName(id)) {
      return invalid(wrongName(Member.THING_ID));
    }
    JsonObject data = message.object(Member.DATA);
    if (data == null) {
      return invalid("expected data that is an object");
    }
    double ifVersion = ifVersion(message);
    if (ifVersion < 0) {
      return invalid("expected an ifVersion that is a whole number from 1, or none");
    }
    return new Operation.Update(id, Fields.withoutSystemFields(data), ifVersion, chars);
  }

  private Operation readDelete(JsonObject message) {
    String id = message.string(Member.THING_ID);
    if (!isName(id)) {
      return invalid(wrongName(Member.THING_ID));
    }
    double ifVersion = ifVersion(message);
    if (ifVersion < 0) {
      return invalid("expected an ifVersion that is a whole number from 1, or none");
    }
    return new Operation.Delete(id, ifVersion);
  }

  private Operation readBatch(JsonObject message) {
    JsonArray array = message.array(Member.OPERATIONS);
    if (array == null) {
      return invalid("expected operations that is an array");
    }
    JsonKind atomic = message.kind(Member.ATOMIC);
    if (atomic != JsonKind.ABSENT && atomic != JsonKind.BOOLEAN) {
      return invalid("expected an atomic that is true or false, or none");
    }
    if (array.size() > Limits.BATCH_OPERATIONS) {
      return invalid(
          "expected at most " + Limits.BATCH_OPERATIONS + " operations, there are " + array.size());
    }
    // Message, array and operation are three levels around the data of any operation.
    boolean deep = message.depth() > Limits.NESTING + 3;
    List<Operation> operations = new ArrayList<>(array.size());
    int writes = 0;
    for (int i = 0; i < array.size(); i++) {
      if (array.kind(i) != JsonKind.OBJECT) {
        operations.add(invalid("expected an operation that is an object"));
        continue;
      }
      JsonObject operation = array.object(i);
      Operation read =
          deep && isTooDeep(operation)
              ? tooDeep()
              : readOperation(operation, typeOf(operation), Operation.UNMEASURED);
      writes += read.writes();
      boolean past = read instanceof Operation.ReadPast;
      operations.add(past ? invalid("expected no read of the past in a batch") : read);
    }
    return new Operation.Batch(
        operations, writes, atomic == JsonKind.BOOLEAN && message.bool(Member.ATOMIC.key()));
  }

  /** 0 when absent, -1 when it is no version. */
  private static double ifVersion(JsonObject message) {
    double value = message.number(Member.IF_VERSION);
    if (value >= 1 && Math.floor(value) == value && value < 9007199254740992.0) {
      return value;
    }
    return message.kind(Member.IF_VERSION) == JsonKind.ABSENT ? 0 : -1;
  }

  private static boolean isName(String text) {
    return text != null && !text.isEmpty() && text.length() <= Limits.NAME_CHARS;
  }

  private static String wrongName(Member member) {
    return "expected a "
        + member.key()
        + " that is a string of 1 to "
        + Limits.NAME_CHARS
        + " characters";
  }

  private static Operation invalid(String message) {
    return new Operation.Malformed(Refusal.of(ErrorCode.VALIDATION_ERROR, message));
  }
}
