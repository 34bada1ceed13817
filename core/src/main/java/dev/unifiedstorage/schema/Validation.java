package dev.unifiedstorage.schema;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.query.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One walk of a thing through its schema: first for the verdict alone, and where that is no, once
 * more for the errors.
 *
 * <p>It is bounded by steps, one for each schema that meets a value: schemas that name each other
 * twice would double the work with each level.
 */
final class Validation {
  static final int STEPS = 2_000_000;
  static final int ERRORS = 10;

  private final JsonWriter errors;
  private final List<String> path = new ArrayList<>();
  private int steps;
  private int count;
  private String firstError = "";

  /** Inside how many schemas only the verdict counts. */
  private int quiet;

  private Validation(Json json, int quiet) {
    this.errors = json.writer();
    this.quiet = quiet;
  }

  /** Why the value does not fit, or null when it does. */
  static @Nullable Misfit misfit(Schema schema, Value value, Json json) {
    Validation verdict = new Validation(json, 1);
    if (schema.holds(value, verdict) && verdict.steps <= STEPS) {
      return null;
    }
    Validation all = new Validation(json, 0);
    schema.holds(value, all);
    if (all.count == 0) {
      all.path.clear();
      all.add("", "expected a thing that " + STEPS + " steps are enough to check");
    }
    return new Misfit(all.firstError, "[" + all.errors.text() + "]");
  }

  /** Counts a step; false when there have been too many. */
  boolean step() {
    return ++steps <= STEPS;
  }

  /** Whether no more has to be looked at once something does not fit. */
  boolean isSettled() {
    return quiet > 0 || count == ERRORS || steps > STEPS;
  }

  /** Whether a value fits, whatever may be wrong with it. */
  boolean fits(Schema schema, Value value) {
    quiet++;
    boolean fits = schema.holds(value, this);
    quiet--;
    return fits;
  }

  /** Whether a member of the value fits. */
  boolean inside(String name, Schema schema, Value value) {
    if (quiet > 0) {
      return schema.holds(value, this);
    }
    path.add(name);
    boolean holds = schema.holds(value, this);
    path.remove(path.size() - 1);
    return holds;
  }

  /** Whether an element of the value fits. */
  boolean inside(int index, Schema schema, Value value) {
    return quiet > 0 ? schema.holds(value, this) : inside(String.valueOf(index), schema, value);
  }

  void add(String keyword, String expected) {
    if (count == ERRORS) {
      return;
    }
    String place = "";
    for (String token : path) {
      place = Place.inside(place, token);
    }
    if (count == 0) {
      firstError = (place.isEmpty() ? "" : place + ": ") + expected;
    } else {
      errors.raw(",");
    }
    errors.raw("{\"path\":").string(place).raw(",\"keyword\":").string(keyword);
    errors.raw(",\"message\":").string(expected).raw("}");
    count++;
  }
}
