package dev.unifiedstorage.query;

import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Upcasts;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where in a thing a value is: a system field, a field, or steps separated by dots.
 *
 * <p>A field of exactly that name wins over the steps.
 */
final class Path {
  private final String name;

  /** Null when the name has no dot. */
  private final String @Nullable [] steps;

  private final boolean system;

  private Path(String name, String @Nullable [] steps, boolean system) {
    this.name = name;
    this.steps = steps;
    this.system = system;
  }

  /** The path, or null when the name begins with {@code $} and is no system field's. */
  static @Nullable Path of(String name) {
    if (name.startsWith("$") && !name.equals(Upcasts.FORM)) {
      return isSystemField(name) ? new Path(name, null, true) : null;
    }
    return new Path(name, name.indexOf('.') < 0 ? null : split(name), false);
  }

  private static String[] split(String name) {
    List<String> steps = new ArrayList<>();
    int from = 0;
    for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', from)) {
      steps.add(name.substring(from, dot));
      from = dot + 1;
    }
    steps.add(name.substring(from));
    return steps.toArray(new String[0]);
  }

  private static boolean isSystemField(String name) {
    return switch (name) {
      case Thing.ID,
          Thing.TYPE,
          Thing.VERSION,
          Thing.CREATED_AT,
          Thing.UPDATED_AT,
          Thing.EXPIRES_AT ->
          true;
      default -> false;
    };
  }

  String name() {
    return name;
  }

  boolean isId() {
    return name.equals(Thing.ID);
  }

  Value in(Candidate candidate) {
    if (system) {
      return systemField(candidate.thing());
    }
    Value value = Value.of(candidate.fields(), name);
    if (steps == null || value.kind() != JsonKind.ABSENT) {
      return value;
    }
    value = Value.of(candidate.fields(), steps[0]);
    for (int i = 1; i < steps.length && value.kind() != JsonKind.ABSENT; i++) {
      value = value.step(steps[i]);
    }
    return value;
  }

  private Value systemField(Thing thing) {
    return switch (name) {
      case Thing.ID -> Value.of(thing.id());
      case Thing.TYPE -> Value.of(thing.type());
      case Thing.VERSION -> Value.of(thing.version());
      case Thing.CREATED_AT -> Value.of(thing.createdAtMs());
      case Thing.UPDATED_AT -> Value.of(thing.updatedAtMs());
      default -> thing.expiresAtMs() == 0 ? Value.MISSING : Value.of(thing.expiresAtMs());
    };
  }
}
