package dev.unifiedstorage.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.unifiedstorage.fixture.JacksonJson;
import dev.unifiedstorage.port.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The things of a store, as its writes and checkpoints change them. */
final class ThingsTest {
  private final Json json = new JacksonJson();

  @Test
  void undoRestoresWhatWasThere() {
    Things things = new Things(StateOptions.unlimited(), json);
    Thing first = Thing.created("a", "T", Fields.ofText("{}"), 1, 1, 2);
    things.put(first);
    things.markClean(List.of("a"));
    double bytes = things.estimatedBytes();
    Fields changes = Fields.ofText("{\"n\":1}");
    Undo update = things.put(first.updated(changes, 5, 2, 7, json));
    Undo removal = things.remove("a", 3);
    Thing other = Thing.created("a", "Other", Fields.ofText("{}"), 6, 4, 2);
    Undo creation = things.put(other);
    creation.undo();
    assertNull(things.get("a"));
    removal.undo();
    assertEquals(2, things.get("a").version());
    update.undo();
    assertEquals(first, things.get("a"));
    assertEquals(0, things.dirtyCount());
    assertEquals(0, things.dirtyBytes());
    assertEquals(bytes, things.estimatedBytes());
  }
}
