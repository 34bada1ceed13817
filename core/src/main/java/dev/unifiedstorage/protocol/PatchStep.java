package dev.unifiedstorage.protocol;

import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * One operation of a patch, as RFC 6902 has them, checked as far as it can be without the thing.
 *
 * @param from null unless it moves or copies
 * @param value null unless it adds, replaces or tests
 */
public record PatchStep(
    Kind kind, Pointer path, @Nullable Pointer from, @Nullable JsonValue value) {

  /** What to do. */
  public enum Kind {
    ADD("add"),
    REMOVE("remove"),
    REPLACE("replace"),
    MOVE("move"),
    COPY("copy"),
    TEST("test");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    static @Nullable Kind of(@Nullable String label) {
      for (Kind kind : values()) {
        if (kind.label.equals(label)) {
          return kind;
        }
      }
      return null;
    }

    boolean hasValue() {
      return this == ADD || this == REPLACE || this == TEST;
    }

    boolean hasFrom() {
      return this == MOVE || this == COPY;
    }
  }

  /** What a value must be to be all own fields of a thing, or null when it is. */
  public static @Nullable String rootProblem(JsonValue value) {
    if (value.kind() != JsonKind.OBJECT) {
      return "an object";
    }
    for (String name : value.object().keys()) {
      if (name.startsWith("$")) {
        return "an object without names that begin with $";
      }
    }
    return null;
  }
}
