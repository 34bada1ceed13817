package dev.unifiedstorage.query;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** From a {@code query} or {@code count} request to a {@link Query}. */
public final class QueryReader {
  private static final int ORDER_PATHS = 4;
  private static final int MOST = 1000;
  private static final int USUAL = 100;
  private static final String WHERE = "where";
  private static final String ORDER_BY = "orderBy";
  private static final String LIMIT = "limit";
  private static final String CURSOR = "cursor";
  private static final String SELECT = "select";
  private static final String EXPLAIN = "explain";

  private final Json json;

  public QueryReader(Json json) {
    this.json = json;
  }

  /**
   * Reads a page's request.
   *
   * @param type the request's, checked
   * @throws QueryException naming the member that is wrong
   */
  public Query page(String type, JsonObject request) {
    List<Order> orderBy = orderBy(request);
    String binding = binding(type, request);
    return new Query(
        type,
        filter(request),
        orderBy,
        limit(request),
        cursor(request, binding, orderBy.size()),
        select(request),
        explain(request),
        binding);
  }

  /**
   * Reads a count's request.
   *
   * @throws QueryException naming the member that is wrong
   */
  public Query count(String type, JsonObject request) {
    return new Query(type, filter(request), List.of(), 0, null, null, explain(request), null);
  }

  /**
   * Compiles a request's {@code where}.
   *
   * @throws QueryException naming what is wrong in it
   */
  public Filter filter(JsonObject request) {
    return switch (request.kind(WHERE)) {
      case ABSENT -> Filter.NONE;
      case OBJECT -> new WhereReader(json).read(request.object(WHERE), WHERE, 1);
      default -> throw wrong(request, WHERE, "an object or absent");
    };
  }

  /** What a name that begins with a minus and what follows it stand for, up to {@code $id}. */
  private List<Order> orderBy(JsonObject request) {
    List<String> names = strings(request, ORDER_BY);
    if (names == null) {
      return List.of();
    }
    if (names.size() > ORDER_PATHS) {
      throw new QueryException(
          ORDER_BY, "expected at most " + ORDER_PATHS + " paths in orderBy, got " + names.size());
    }
    List<Order> orderBy = new ArrayList<>();
    boolean ended = false;
    for (String name : names) {
      boolean descending = name.startsWith("-");
      Path path = Path.of(descending ? name.substring(1) : name);
      if (path == null) {
        throw new QueryException(
            ORDER_BY, "expected fields and paths in orderBy, got the unknown system field " + name);
      }
      if (!ended) {
        // No two things have the same id: what follows decides nothing.
        ended = path.isId();
        if (!ended || descending) {
          orderBy.add(new Order(path, descending));
        }
      }
    }
    return orderBy;
  }

  private int limit(JsonObject request) {
    if (request.kind(LIMIT) == JsonKind.ABSENT) {
      return USUAL;
    }
    double limit = request.kind(LIMIT) == JsonKind.NUMBER ? request.number(LIMIT) : 0;
    if (!(limit >= 1 && limit <= MOST) || Math.floor(limit) != limit) {
      throw wrong(request, LIMIT, "a whole number from 1 to " + MOST + " or absent");
    }
    return (int) limit;
  }

  private @Nullable Cursor cursor(JsonObject request, String binding, int keys) {
    return switch (request.kind(CURSOR)) {
      case ABSENT -> null;
      case STRING -> Cursor.parse(request.string(CURSOR), binding, keys, json);
      default -> throw wrong(request, CURSOR, "a string or absent");
    };
  }

  private @Nullable List<String> select(JsonObject request) {
    return strings(request, SELECT);
  }

  private boolean explain(JsonObject request) {
    return switch (request.kind(EXPLAIN)) {
      case ABSENT -> false;
      case BOOLEAN -> request.bool(EXPLAIN);
      default -> throw wrong(request, EXPLAIN, "true, false or absent");
    };
  }

  /** The strings of a list, or null when there is none. */
  private @Nullable List<String> strings(JsonObject request, String field) {
    if (request.kind(field) == JsonKind.ABSENT) {
      return null;
    }
    if (request.kind(field) != JsonKind.ARRAY) {
      throw wrong(request, field, "an array of strings or absent");
    }
    JsonArray array = request.array(field);
    List<String> strings = new ArrayList<>();
    for (int i = 0; i < array.size(); i++) {
      if (array.kind(i) != JsonKind.STRING) {
        throw new QueryException(field, Mismatch.of(array, i, field, "a string", json));
      }
      strings.add(array.string(i));
    }
    return strings;
  }

  private QueryException wrong(JsonObject request, String field, String must) {
    return new QueryException(field, Mismatch.of(request, field, must, json));
  }

  /** The same for every way to write down the same type, where and order. */
  private String binding(String type, JsonObject request) {
    JsonWriter text = json.writer().string(type);
    write(Value.of(request, WHERE), text.raw(" "));
    write(Value.of(request, ORDER_BY), text.raw(" "));
    String all = text.text();
    JsonWriter hashes = json.writer().number(json.hash(all)).raw(".");
    return hashes.number(json.hash("again " + all)).raw(".").number(all.length()).text();
  }

  /** Appends a value with the keys of its objects sorted. */
  private static void write(Value value, JsonWriter text) {
    switch (value.kind()) {
      case ABSENT, NULL -> text.raw("null");
      case BOOLEAN -> text.raw(value.number() == 0 ? "false" : "true");
      case NUMBER -> text.number(value.number());
      case STRING -> text.string(value.string());
      case ARRAY -> {
        text.raw("[");
        for (int i = 0; i < value.array().size(); i++) {
          write(Value.of(value.array(), i), text.raw(i == 0 ? "" : ","));
        }
        text.raw("]");
      }
      case OBJECT -> {
        List<String> keys = new ArrayList<>(value.object().keys());
        Collections.sort(keys);
        text.raw("{");
        String separator = "";
        for (String key : keys) {
          write(Value.of(value.object(), key), text.raw(separator).string(key).raw(":"));
          separator = ",";
        }
        text.raw("}");
      }
    }
  }
}
