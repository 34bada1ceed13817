package dev.unifiedstorage.protocol;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * From {@code unset}, {@code increment} and {@code patch} of an update to {@link Edits}.
 *
 * <p>What can be known to be wrong without looking at the thing is refused here, so that a request
 * is judged the same whatever state it meets.
 */
final class EditsReader {
  private final Json json;

  EditsReader(Json json) {
    this.json = json;
  }

  /** Whether there is one of the three. */
  boolean has(JsonObject message) {
    return message.kind(Member.UNSET) != JsonKind.ABSENT
        || message.kind(Member.INCREMENT) != JsonKind.ABSENT
        || message.kind(Member.PATCH) != JsonKind.ABSENT;
  }

  /** What is wrong with them, or null. */
  @Nullable Refusal refusal(JsonObject message) {
    Refusal refusal = unsetRefusal(message);
    refusal = refusal == null ? incrementRefusal(message) : refusal;
    return refusal == null ? patchRefusal(message) : refusal;
  }

  /** What they say, once there is nothing wrong with them. */
  Edits read(JsonObject message) {
    List<String> unset = new ArrayList<>();
    JsonArray names = message.array(Member.UNSET);
    for (int i = 0; names != null && i < names.size(); i++) {
      unset.add(names.string(i));
    }
    List<PatchStep> patch = new ArrayList<>();
    JsonArray steps = message.array(Member.PATCH);
    for (int i = 0; steps != null && i < steps.size(); i++) {
      patch.add(step(steps.object(i)));
    }
    return new Edits(unset, message.object(Member.INCREMENT), patch);
  }

  private @Nullable Refusal unsetRefusal(JsonObject message) {
    JsonArray names = message.array(Member.UNSET);
    if (names == null) {
      return message.kind(Member.UNSET) == JsonKind.ABSENT
          ? null
          : refused(Member.UNSET, "expected an unset that is an array of field names, or none");
    }
    for (int i = 0; i < names.size(); i++) {
      if (names.kind(i) != JsonKind.STRING) {
        return refused(Member.UNSET, "expected strings in unset, number " + i + " is none");
      }
      if (isForeign(names.string(i))) {
        return foreign("unset", names.string(i));
      }
    }
    return null;
  }

  private @Nullable Refusal incrementRefusal(JsonObject message) {
    JsonObject numbers = message.object(Member.INCREMENT);
    if (numbers == null) {
      return message.kind(Member.INCREMENT) == JsonKind.ABSENT
          ? null
          : refused(
              Member.INCREMENT, "expected an increment that has numbers by field name, or none");
    }
    for (String name : numbers.keys()) {
      if (isForeign(name)) {
        return foreign("increment", name);
      }
      if (numbers.kind(name) != JsonKind.NUMBER) {
        return Refusal.ofField(
            name, "expected an increment of " + name + " that is a number", json);
      }
    }
    return null;
  }

  private @Nullable Refusal patchRefusal(JsonObject message) {
    JsonArray steps = message.array(Member.PATCH);
    if (steps == null) {
      return message.kind(Member.PATCH) == JsonKind.ABSENT
          ? null
          : refused(Member.PATCH, "expected a patch that is an array of operations, or none");
    }
    if (steps.size() > Limits.PATCH_OPERATIONS) {
      return refused(
          Member.PATCH,
          "expected at most "
              + Limits.PATCH_OPERATIONS
              + " operations in a patch, there are "
              + steps.size());
    }
    for (int i = 0; i < steps.size(); i++) {
      String problem =
          steps.kind(i) == JsonKind.OBJECT ? problem(steps.object(i)) : "that is an object";
      if (problem != null) {
        return Refusal.ofIndex(
            ErrorCode.VALIDATION_ERROR, i, "expected an operation in patch " + problem, json);
      }
    }
    return null;
  }

  /** What an operation of a patch should have or be, or null. */
  private static @Nullable String problem(JsonObject step) {
    String label = step.string(Member.OP);
    PatchStep.Kind kind = label == null ? null : PatchStep.Kind.of(label);
    if (kind == null) {
      return "with an op that is add, remove, replace, move, copy or test";
    }
    Pointer path = pointer(step, Member.PATH);
    if (path == null) {
      return "with a path that is a JSON pointer";
    }
    if (kind.hasValue() && step.kind(Member.VALUE) == JsonKind.ABSENT) {
      return "with a value";
    }
    Pointer from = kind.hasFrom() ? pointer(step, Member.FROM) : path;
    if (from == null) {
      return "with a from that is a JSON pointer";
    }
    if (isForeign(path) || isForeign(from)) {
      return "on a field whose name does not begin with $";
    }
    if (kind == PatchStep.Kind.MOVE && from.isAbove(path)) {
      return "that moves nothing into itself";
    }
    if (!path.isRoot()) {
      return null;
    }
    if (kind == PatchStep.Kind.REMOVE) {
      return "that leaves an object";
    }
    boolean sets = kind == PatchStep.Kind.ADD || kind == PatchStep.Kind.REPLACE;
    return sets ? PatchStep.rootProblem(step.value(Member.VALUE.key())) : null;
  }

  private static PatchStep step(JsonObject step) {
    PatchStep.Kind kind = Objects.requireNonNull(PatchStep.Kind.of(step.string(Member.OP)));
    return new PatchStep(
        kind,
        Objects.requireNonNull(pointer(step, Member.PATH)),
        kind.hasFrom() ? pointer(step, Member.FROM) : null,
        kind.hasValue() ? step.value(Member.VALUE.key()) : null);
  }

  private static @Nullable Pointer pointer(JsonObject step, Member member) {
    String text = step.string(member);
    return text == null ? null : Pointer.parse(text);
  }

  private static boolean isForeign(Pointer place) {
    return !place.isRoot() && isForeign(place.field());
  }

  private static boolean isForeign(String name) {
    return name.startsWith("$");
  }

  private Refusal foreign(String where, String name) {
    return Refusal.ofField(
        name, "expected no field whose name begins with $ in " + where + ", found " + name, json);
  }

  private Refusal refused(Member member, String message) {
    return Refusal.ofField(member.key(), message, json);
  }
}
