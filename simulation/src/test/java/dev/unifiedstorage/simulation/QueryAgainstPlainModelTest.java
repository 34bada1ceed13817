package dev.unifiedstorage.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random things, filters and orders: the store answers what a plain model does that filters and
 * sorts everything, with and without indexes, in every layout, before and after evictions, restarts
 * and rebuilds.
 */
final class QueryAgainstPlainModelTest {
  private static final int WORLDS = 8;
  private static final String TYPE = "T";

  private final ObjectMapper mapper = new ObjectMapper();
  private int indexed;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void everyPageIsTheModels(long seed) throws JsonProcessingException {
    for (int i = 0; i < WORLDS; i++) {
      world(new Random(seed * 10_000 + i));
    }
    assertTrue(indexed > WORLDS, "indexes are used: " + indexed);
  }

  private void world(Random random) throws JsonProcessingException {
    RandomQueries queries = new RandomQueries(random);
    try (TestStore store = new TestStore()) {
      store.withArchive().with("DURABILITY", random.nextBoolean() ? "local" : "pipeline");
      store.with("COLUMNAR_THRESHOLD", random.nextBoolean() ? "0" : "10");
      store.with("INDEXES", RandomQueries.indexes(TYPE, random));
      if (random.nextBoolean()) {
        store.with("MAX_ENTRIES", Integer.toString(1 + random.nextInt(10)));
      }
      if (random.nextBoolean()) {
        store.with("LARGE_COLLECTIONS", "normalized");
      }
      store.start();
      Map<String, Map<String, Object>> model = new TreeMap<>();
      for (int i = 0; i < 40; i++) {
        int dice = random.nextInt(20);
        if (dice < 13) {
          write(store, model, queries, random);
        } else if (dice < 17) {
          ask(store, model, queries, random);
        } else if (dice == 17) {
          store.post("checkpoint");
        } else if (dice == 18) {
          store.restart();
          store.time.advance(10_000);
        } else if (random.nextInt(4) == 0) {
          store.time.advance(1_000);
          assertTrue(store.post("rebuild").startsWith("200"));
        }
      }
      ask(store, model, queries, random);
    }
  }

  private void write(
      TestStore store, Map<String, Map<String, Object>> model, RandomQueries queries, Random random)
      throws JsonProcessingException {
    String id = "i" + random.nextInt(15) + (random.nextInt(4) == 0 ? "\uD83D\uDE00" : "");
    Map<String, Object> fields = queries.fields();
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("id", 1);
    if (!model.containsKey(id)) {
      request.put("type", "create");
      request.put("$type", random.nextInt(5) == 0 ? "Other" : TYPE);
      fields.put("$id", id);
      request.put("data", fields);
    } else if (random.nextInt(4) == 0) {
      request.put("type", "delete");
      request.put("$id", id);
    } else {
      request.put("type", "update");
      request.put("$id", id);
      request.put("data", fields);
    }
    boolean failing = random.nextInt(12) == 0;
    if (failing) {
      // An atomic batch that fails behind the write: it is undone.
      Map<String, Object> nothing = Map.of("type", "update", "$id", "nobody", "data", Map.of());
      store.ask(
          text(
              Map.of(
                  "id",
                  1,
                  "type",
                  "batch",
                  "atomic",
                  true,
                  "operations",
                  List.of(request, nothing))));
      return;
    }
    store.ask(text(request));
    JsonObject thing = store.read(id);
    if (thing == null) {
      model.remove(id);
    } else {
      model.put(id, map(store.print(thing)));
    }
  }

  private void ask(
      TestStore store, Map<String, Map<String, Object>> model, RandomQueries queries, Random random)
      throws JsonProcessingException {
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("id", 1);
    request.put("type", "query");
    request.put("$type", TYPE);
    request.put("explain", true);
    Map<String, Object> where = random.nextInt(5) == 0 ? null : queries.where(2);
    if (where != null) {
      request.put("where", where);
    }
    List<String> orderBy = random.nextInt(3) == 0 ? null : queries.orderBy();
    if (orderBy != null) {
      request.put("orderBy", orderBy);
    }
    List<String> select = random.nextInt(3) == 0 ? List.of("a", "c", "none") : null;
    if (select != null) {
      request.put("select", select);
    }
    List<Map<String, Object>> expected =
        PlainQuery.all(model.values(), TYPE, where, orderBy).stream()
            .map(thing -> select == null ? thing : PlainQuery.selected(thing, select))
            .toList();
    List<Object> found = new ArrayList<>();
    boolean more = true;
    while (more) {
      int limit = 1 + random.nextInt(6);
      request.put("limit", limit);
      Map<String, Object> page = map(store.print(store.ask(text(request))));
      assertEquals("ok", page.get("status"), () -> request + " was answered " + page);
      List<?> things = (List<?>) page.get("things");
      found.addAll(things);
      Object cursor = page.get("cursor");
      more = cursor != null;
      assertTrue(things.size() == limit || !more, () -> "a short page goes on: " + page);
      request.put("cursor", cursor);
      indexed += map(text(page.get("explain"))).get("index") == null ? 0 : 1;
    }
    assertEquals(expected, found, () -> "to " + request);
    request.keySet().removeAll(List.of("cursor", "limit", "orderBy", "select"));
    request.put("type", "count");
    JsonObject count = store.ask(text(request));
    assertEquals(expected.size(), count.number("count"), () -> "to " + request);
  }

  private String text(Object value) throws JsonProcessingException {
    return mapper.writeValueAsString(value).replace("'", "\\u0027");
  }

  private Map<String, Object> map(String text) throws JsonProcessingException {
    return mapper.readValue(
        text,
        mapper.getTypeFactory().constructMapType(LinkedHashMap.class, String.class, Object.class));
  }
}
