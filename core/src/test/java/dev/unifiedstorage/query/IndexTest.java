package dev.unifiedstorage.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.JacksonJson;
import dev.unifiedstorage.fixture.SilentObserver;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.state.Fields;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Upcasts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** An index in the making: what was found and what has changed meanwhile, in whatever order. */
final class IndexTest {
  private static final IndexDefinition BY_GROUP =
      Objects.requireNonNull(IndexDefinition.of(List.of("group", "n")));

  private final Json json = new JacksonJson();
  private final Upcasts upcasts = Upcasts.parse("", json, 100, new SilentObserver(), text -> text);

  private Candidate candidate(String id, String group, int n) {
    String fields = "{\"group\":\"" + group + "\",\"n\":" + n + "}";
    return new Candidate(
        Thing.created(id, "T", Fields.ofText(fields), 1, 1, fields.length()), upcasts);
  }

  private static List<String> ids(Index index) {
    List<String> ids = new ArrayList<>();
    SortedEntries entries = index.entries();
    for (SortedEntries.Place at = entries.first();
        at.isBefore(entries.end());
        at = entries.next(at)) {
      ids.add(entries.at(at).id());
    }
    assertEquals(entries.size(), ids.size());
    return ids;
  }

  /** What an index over these has. */
  private Index complete(Iterable<Candidate> candidates) {
    Index index = new Index(BY_GROUP, json);
    candidates.forEach(index::found);
    while (!index.isComplete()) {
      index.sort(true);
    }
    return index;
  }

  private Candidate random(Random random, int id) {
    return candidate("t" + id, "g" + random.nextInt(5), random.nextInt(50));
  }

  /** One world: things that are found in slices, some twice, while others change, go and come. */
  private void buildInSlices(Random random) {
    int size = 1 + random.nextInt(4_000);
    List<Candidate> atFirst = new ArrayList<>();
    Map<String, Candidate> now = new TreeMap<>();
    for (int i = 0; i < size; i++) {
      Candidate one = random(random, i);
      atFirst.add(one);
      now.put(one.thing().id(), one);
    }
    Index index = new Index(BY_GROUP, json);
    int found = 0;
    boolean foundAll = false;
    while (!index.isComplete()) {
      for (int i = random.nextInt(400); i > 0 && found < size; i--) {
        // What was read at first is found by its name even when it is another one, or gone.
        Candidate one = atFirst.get(found++);
        index.found(one);
        if (random.nextInt(20) == 0 && now.containsValue(one)) {
          index.found(one);
        }
      }
      for (int i = random.nextInt(10); i > 0; i--) {
        change(random, size, index, now);
      }
      foundAll = foundAll || (found == size && random.nextBoolean());
      index.sort(foundAll);
    }
    for (int i = 0; i < 20; i++) {
      change(random, size, index, now);
    }
    Index expected = complete(now.values());
    assertEquals(ids(expected), ids(index));
    assertEquals(expected.bytes(), index.bytes());
  }

  private void change(Random random, int size, Index index, Map<String, Candidate> now) {
    int id = random.nextInt(size + 10);
    Candidate older = now.get("t" + id);
    Candidate newer = random.nextInt(3) == 0 ? null : random(random, id);
    if (older == null && newer == null) {
      return;
    }
    index.changed(older, newer);
    if (newer == null) {
      now.remove("t" + id);
    } else {
      now.put("t" + id, newer);
    }
  }

  @Test
  void itHasWhatThereIsWhateverChangesWhileItIsBuilt() {
    for (int seed = 0; seed < 60; seed++) {
      buildInSlices(new Random(seed));
    }
  }

  @Test
  void whatIsFoundIsInTheOrderOfItsKeys() {
    List<Candidate> all = new ArrayList<>();
    Random random = new Random(3);
    for (int i = 0; i < 3_000; i++) {
      all.add(random(random, i));
    }
    Index index = complete(all);
    List<IndexEntry> expected = new ArrayList<>();
    all.forEach(one -> expected.add(IndexEntry.of(BY_GROUP, one)));
    expected.sort(IndexEntry::compareTo);
    assertEquals(expected.stream().map(IndexEntry::id).toList(), ids(index));
  }

  @Test
  void sortingManyIsDoneInSteps() {
    Index index = new Index(BY_GROUP, json);
    for (int i = 0; i < 50_000; i++) {
      if (i % 2_000 == 0) {
        while (!index.sort(false)) {
          // What is left of it comes before anything else is found.
        }
      }
      index.found(candidate("t" + i, "g", i % 1_000));
    }
    int steps = 0;
    while (!index.isComplete()) {
      index.sort(true);
      steps++;
    }
    assertTrue(steps > 2, "sorted in " + steps);
    assertEquals(50_000, ids(index).size());
  }
}
