package dev.unifiedstorage.protocol;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.Member;
import dev.unifiedstorage.query.Filter;
import dev.unifiedstorage.query.Mismatch;
import dev.unifiedstorage.query.QueryException;
import dev.unifiedstorage.query.QueryReader;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** From a {@code subscribe} request, or what a socket keeps of one, to what it asks for. */
public final class SubscriptionReader {
  private static final String SUB = "sub";
  private static final String WHERE = "where";
  private static final String SINCE = "since";

  private final Json json;

  public SubscriptionReader(Json json) {
    this.json = json;
  }

  /**
   * Reads a subscription with its name.
   *
   * @throws QueryException naming the member that is wrong
   */
  public Operation.Subscribe read(JsonObject request) {
    return read(name(request), request);
  }

  /**
   * Reads what a listener of the same process asks for, which needs no name.
   *
   * @throws QueryException naming the member that is wrong
   */
  public Operation.Subscribe readUnnamed(JsonObject request) {
    return read("", request);
  }

  private Operation.Subscribe read(String sub, JsonObject request) {
    boolean byIds = request.kind(Member.THING_IDS) != JsonKind.ABSENT;
    String since = null;
    if (request.kind(SINCE) != JsonKind.ABSENT) {
      if (request.kind(SINCE) != JsonKind.STRING) {
        throw wrong(request, SINCE, "the at of a message with more:false, or absent");
      }
      since = request.string(SINCE);
    }
    JsonWriter definition = json.writer().raw("{\"sub\":").string(sub);
    if (byIds) {
      List<String> ids = ids(request);
      definition.raw(",\"$ids\":[");
      String separator = "";
      for (String id : ids) {
        definition.raw(separator).string(id);
        separator = ",";
      }
      String text = definition.raw("]}").text();
      return new Operation.Subscribe(
          sub, null, ids, new QueryReader(json).filter(json.object()), since, text);
    }
    String type = request.string(Member.THING_TYPE);
    if (type == null || type.isEmpty() || type.length() > Limits.NAME_CHARS) {
      throw wrong(request, Member.THING_TYPE.key(), RequestReader.NAME + ", where $ids are absent");
    }
    Filter filter = new QueryReader(json).filter(request);
    definition.raw(",\"$type\":").string(type);
    if (request.kind(WHERE) != JsonKind.ABSENT) {
      definition.raw(",\"where\":").object(request.object(WHERE));
    }
    return new Operation.Subscribe(sub, type, null, filter, since, definition.raw("}").text());
  }

  private List<String> ids(JsonObject request) {
    String field = Member.THING_IDS.key();
    if (request.kind(Member.THING_TYPE) != JsonKind.ABSENT) {
      throw new QueryException(field, "expected either a $type or $ids, got both");
    }
    if (request.kind(WHERE) != JsonKind.ABSENT) {
      throw new QueryException(WHERE, "expected a where beside a $type only, got it beside $ids");
    }
    JsonArray array = request.array(Member.THING_IDS);
    if (array == null) {
      throw wrong(request, field, "an array of strings");
    }
    Set<String> ids = new LinkedHashSet<>();
    for (int i = 0; i < array.size(); i++) {
      if (array.kind(i) != JsonKind.STRING) {
        throw new QueryException(field, Mismatch.of(array, i, field, "a string", json));
      }
      ids.add(array.string(i));
    }
    return new ArrayList<>(ids);
  }

  /**
   * The name of a subscription.
   *
   * @throws QueryException when the request has no name that a subscription can have
   */
  String name(JsonObject request) {
    String sub = request.kind(SUB) == JsonKind.STRING ? request.string(SUB) : "";
    if (sub.isEmpty() || sub.length() > Limits.SUBSCRIPTION_NAME_CHARS) {
      throw wrong(
          request, SUB, "a string of 1 to " + Limits.SUBSCRIPTION_NAME_CHARS + " characters");
    }
    return sub;
  }

  private QueryException wrong(JsonObject request, String name, String must) {
    return new QueryException(name, Mismatch.of(request, name, must, json));
  }
}
