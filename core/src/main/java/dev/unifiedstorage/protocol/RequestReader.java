package dev.unifiedstorage.protocol;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonParseException;
import dev.unifiedstorage.state.InMemoryStateManager;
import java.util.ArrayList;
import java.util.List;

/**
 * From the text of a message to a checked {@link Request}.
 *
 * <p>It never throws and never guesses: what is not exactly a request becomes {@link
 * Operation.Malformed} with the error the client gets. Its counterpart is {@link ReplyWriter}.
 */
public final class RequestReader {
  /** Messages longer than this are measured exactly, thing by thing. */
  private static final int MEASURED_CHARS = 200_000;

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
    String id = idOf(message);
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

  private String idOf(JsonObject message) {
    return switch (message.kind("id")) {
      case STRING -> json.writer().string(message.string("id")).text();
      case NUMBER -> idOf(message.number("id"));
      default -> null;
    };
  }

  /** JSON can say 1e999, and nothing can say it back. */
  private String idOf(double number) {
    boolean finite = number - number == 0;
    return finite ? json.writer().number(number).text() : null;
  }

  private Operation read(JsonObject message, int chars) {
    String type = message.kind("type") == JsonKind.STRING ? message.string("type") : "";
    return switch (type) {
      case "batch" -> readBatch(message, chars);
      case "ping" -> new Operation.Ping();
      default -> readOperation(message, type, chars);
    };
  }

  private Operation readOperation(JsonObject message, String type, int chars) {
    // The message is one level, its data the second: a thing may have NESTING levels of its own.
    if (message.depth() > Limits.NESTING + 1) {
      return invalid("expected data nested at most " + Limits.NESTING + " levels deep");
    }
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
    String wrong = wrongName(message, "$type");
    if (wrong != null) {
      return invalid(wrong);
    }
    if (message.kind("data") != JsonKind.OBJECT) {
      return invalid("expected data that is an object");
    }
    JsonObject data = message.object("data");
    String id = null;
    if (data.kind("$id") != JsonKind.ABSENT) {
      wrong = wrongName(data, "$id");
      if (wrong != null) {
        return invalid(wrong + " in data, or none");
      }
      id = data.string("$id");
    }
    InMemoryStateManager.withoutSystemFields(data);
    return new Operation.Create(message.string("$type"), id, data, chars);
  }

  private Operation readRead(JsonObject message) {
    if (message.kind("$ids") != JsonKind.ARRAY) {
      return invalid("expected $ids that is an array of strings");
    }
    JsonArray array = message.array("$ids");
    List<String> ids = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      if (array.kind(i) != JsonKind.STRING) {
        return invalid("expected strings in $ids, number " + i + " is none");
      }
      ids.add(array.string(i));
    }
    return message.kind("at") == JsonKind.ABSENT ? new Operation.Read(ids) : readPast(message, ids);
  }

  private Operation readPast(JsonObject message, List<String> ids) {
    if (ids.size() > Limits.PAST_IDS) {
      return invalid(
          "expected at most "
              + Limits.PAST_IDS
              + " $ids in a read of the past, there are "
              + ids.size());
    }
    JsonKind kind = message.kind("at");
    double untilMs = kind == JsonKind.NUMBER ? message.number("at") : Double.POSITIVE_INFINITY;
    double untilSeq = Double.POSITIVE_INFINITY;
    if (kind == JsonKind.OBJECT && message.object("at").kind("seq") == JsonKind.NUMBER) {
      untilSeq = message.object("at").number("seq");
    } else if (kind != JsonKind.NUMBER) {
      untilMs = -1;
    }
    boolean whole = untilSeq == Double.POSITIVE_INFINITY || Math.floor(untilSeq) == untilSeq;
    return untilMs >= 0 && untilSeq >= 0 && whole
        ? new Operation.ReadPast(ids, untilSeq, untilMs)
        : invalid("expected an at that is a time in ms or {\"seq\":n}, or none");
  }

  private Operation readUpdate(JsonObject message, int chars) {
    String wrong = wrongName(message, "$id");
    if (wrong != null) {
      return invalid(wrong);
    }
    if (message.kind("data") != JsonKind.OBJECT) {
      return invalid("expected data that is an object");
    }
    double ifVersion = ifVersion(message);
    if (ifVersion < 0) {
      return invalid("expected an ifVersion that is a whole number from 1, or none");
    }
    JsonObject data = InMemoryStateManager.withoutSystemFields(message.object("data"));
    return new Operation.Update(message.string("$id"), data, ifVersion, chars);
  }

  private Operation readDelete(JsonObject message) {
    String wrong = wrongName(message, "$id");
    if (wrong != null) {
      return invalid(wrong);
    }
    double ifVersion = ifVersion(message);
    if (ifVersion < 0) {
      return invalid("expected an ifVersion that is a whole number from 1, or none");
    }
    return new Operation.Delete(message.string("$id"), ifVersion);
  }

  private Operation readBatch(JsonObject message, int chars) {
    if (message.kind("operations") != JsonKind.ARRAY) {
      return invalid("expected operations that is an array");
    }
    JsonKind atomic = message.kind("atomic");
    if (atomic != JsonKind.ABSENT && atomic != JsonKind.BOOLEAN) {
      return invalid("expected an atomic that is true or false, or none");
    }
    // Message, array and operation are three levels around the data.
    if (message.depth() > Limits.NESTING + 3) {
      return invalid("expected data nested at most " + Limits.NESTING + " levels deep");
    }
    JsonArray array = message.array("operations");
    if (array.size() > Limits.BATCH_OPERATIONS) {
      return invalid(
          "expected at most " + Limits.BATCH_OPERATIONS + " operations, there are " + array.size());
    }
    int share = chars > MEASURED_CHARS ? chars : chars / Math.max(1, array.size());
    List<Operation> operations = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      if (array.kind(i) != JsonKind.OBJECT) {
        operations.add(invalid("expected an operation that is an object"));
        continue;
      }
      JsonObject operation = array.object(i);
      JsonKind kind = operation.kind("type");
      String type = kind == JsonKind.STRING ? operation.string("type") : "";
      Operation read = readOperation(operation, type, share);
      boolean past = read instanceof Operation.ReadPast;
      operations.add(past ? invalid("expected no read of the past in a batch") : read);
    }
    return new Operation.Batch(operations, atomic == JsonKind.BOOLEAN && message.bool("atomic"));
  }

  /** 0 when absent, -1 when it is no version. */
  private static double ifVersion(JsonObject message) {
    return switch (message.kind("ifVersion")) {
      case ABSENT -> 0;
      case NUMBER -> {
        double value = message.number("ifVersion");
        yield value >= 1 && Math.floor(value) == value && value < 9007199254740992.0 ? value : -1;
      }
      default -> -1;
    };
  }

  private static String wrongName(JsonObject object, String key) {
    if (object.kind(key) == JsonKind.STRING) {
      int length = object.string(key).length();
      if (length >= 1 && length <= Limits.NAME_CHARS) {
        return null;
      }
    }
    return "expected a " + key + " that is a string of 1 to " + Limits.NAME_CHARS + " characters";
  }

  private static Operation invalid(String message) {
    return new Operation.Malformed(Refusal.of(ErrorCode.VALIDATION_ERROR, message));
  }
}
