package dev.unifiedstorage.recovery;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.state.Entry;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.TypedCollection;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Looks at every thing in memory: identity, version, times, and that its fields are JSON. */
final class StateValidator {
  private final Things state;
  private final Json json;

  StateValidator(Things state, Json json) {
    this.state = state;
    this.json = json;
  }

  ValidationResult validate() {
    List<String> errors = new ArrayList<>();
    Consumer<String> report =
        error -> {
          if (errors.size() < ValidationResult.MAX_ERRORS) {
            errors.add(error);
          }
        };
    for (TypedCollection collection : state.collections()) {
      int[] seen = {0};
      collection.forEach(
          entry -> {
            seen[0]++;
            validate(entry, collection, report);
          });
      int expected = collection.size() - collection.evicted();
      if (seen[0] != expected) {
        report.accept(
            "collection "
                + collection.type()
                + ": expected "
                + expected
                + " things in memory, found "
                + seen[0]);
      }
    }
    return new ValidationResult(errors.isEmpty(), errors);
  }

  private void validate(Entry entry, TypedCollection collection, Consumer<String> report) {
    Thing thing = entry.thing();
    String name = "thing " + thing.id() + ": ";
    if (state.entry(thing.id()) != entry) {
      report.accept(name + "is not found by its id");
    }
    if (!thing.type().equals(collection.type())) {
      report.accept(name + "expected type " + collection.type() + ", found " + thing.type());
    }
    if (!(thing.version() >= 1) || Math.floor(thing.version()) != thing.version()) {
      report.accept(name + "expected a whole version from 1, found " + (long) thing.version());
    }
    try {
      thing.fields().object(json);
    } catch (RuntimeException e) {
      report.accept(name + "its fields are no JSON object: " + e.getMessage());
    }
  }
}
