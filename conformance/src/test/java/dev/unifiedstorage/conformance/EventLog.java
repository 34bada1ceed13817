package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a namespace's records say once repeats and void records are taken out.
 *
 * <p>Making one checks what must hold of any log: a repeat is the same record unchanged, every
 * epoch with events has a fence, keys are unique, a record of an older epoch with a seq at or past
 * a newer epoch's first is void, and what is left is contiguous from 1.
 */
record EventLog(List<JsonNode> events, List<JsonNode> fences) {
  static EventLog of(List<JsonNode> records) {
    Map<Long, TreeMap<Long, JsonNode>> epochs = new TreeMap<>();
    for (JsonNode record : records) {
      if (record.path("verb").asText().equals("store.probe")) {
        continue;
      }
      long epoch = record.path("epoch").asLong(-1);
      long seq = record.path("seq").asLong(-1);
      JsonNode earlier = epochs.computeIfAbsent(epoch, e -> new TreeMap<>()).put(seq, record);
      assertTrue(
          earlier == null || earlier.equals(record),
          () -> "a repeat differs: " + earlier + " and " + record);
    }
    List<JsonNode> events = new ArrayList<>();
    List<JsonNode> fences = new ArrayList<>();
    Set<String> keys = new HashSet<>();
    epochs.forEach(
        (epoch, bySeq) -> {
          JsonNode fence = bySeq.remove(0L);
          assertTrue(fence != null, () -> "epoch " + epoch + " has no fence");
          assertEquals("store.fence", fence.path("verb").asText());
          fences.add(fence);
          if (!bySeq.isEmpty()) {
            long first = bySeq.firstKey();
            events.removeIf(event -> event.path("seq").asLong() >= first);
            events.addAll(bySeq.values());
          }
          bySeq.values().forEach(e -> assertTrue(keys.add(key(e)), () -> "a key twice: " + e));
        });
    for (int i = 0; i < events.size(); i++) {
      JsonNode event = events.get(i);
      assertEquals(i + 1, event.path("seq").asLong(), () -> "not contiguous at " + event);
    }
    return new EventLog(List.copyOf(events), List.copyOf(fences));
  }

  private static String key(JsonNode event) {
    return event.path("idempotencyKey").asText();
  }

  /** The events of one entity, in order. */
  List<JsonNode> of(String entityId) {
    return events.stream().filter(e -> entityId.equals(e.path("entityId").asText())).toList();
  }
}
