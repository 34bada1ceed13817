package dev.unifiedstorage.protocol;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Member;
import dev.unifiedstorage.query.Mismatch;
import dev.unifiedstorage.query.Value;
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
          : refused(message, Member.UNSET, "an array of field names or absent");
    }
    for (int i = 0; i < names.size(); i++) {
      if (names.kind(i) != JsonKind.STRING) {
        String unset = Member.UNSET.key();
        return Refusal.ofField(unset, Mismatch.of(names, i, unset, "a string", json), json);
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
          : refused(message, Member.INCREMENT, "an object of numbers or absent");
    }
    for (String name : numbers.keys()) {
      if (isForeign(name)) {
        return foreign("increment", name);
      }
      if (numbers.kind(name) != JsonKind.NUMBER) {
        Value wrong = Value.of(numbers, name);
        return Refusal.ofField(
            name, Mismatch.of("increment." + name, "a number", wrong, json), json);
      }
    }
    return null;
  }

  private @Nullable Refusal patchRefusal(JsonObject message) {
    JsonArray steps = message.array(Member.PATCH);
    if (steps == null) {
      return message.kind(Member.PATCH) == JsonKind.ABSENT
          ? null
          : refused(message, Member.PATCH, "an array of operations or absent");
    }
    if (steps.size() > Limits.PATCH_OPERATIONS) {
      return Refusal.ofField(
          Member.PATCH.key(),
          "expected at most "
              + Limits.PATCH_OPERATIONS
              + " operations in a patch, got "
              + steps.size(),
          json);
    }
    for (int i = 0; i < steps.size(); i++) {
      String place = Member.PATCH.key();
      String problem =
          steps.kind(i) == JsonKind.OBJECT
              ? problem(steps.object(i), place + "[" + i + "].")
              : Mismatch.of(steps, i, place, "an object", json);
      if (problem != null) {
        return Refusal.ofIndex(ErrorCode.VALIDATION_ERROR, i, problem, json);
      }
    }
    return null;
  }

  /**
   * What is wrong with an operation of a patch, or null.
   *
   * @param place what the sentence says before the name of a member
   */
  private @Nullable String problem(JsonObject step, String place) {
    String label = step.string(Member.OP);
    PatchStep.Kind kind = label == null ? null : PatchStep.Kind.of(label);
    if (kind == null) {
      return wrong(step, Member.OP, "add, remove, replace, move, copy or test", place);
    }
    Pointer path = pointer(step, Member.PATH);
    if (path == null) {
      return wrong(step, Member.PATH, "a JSON pointer", place);
    }
    if (kind.hasValue() && step.kind(Member.VALUE) == JsonKind.ABSENT) {
      return wrong(step, Member.VALUE, "a value", place);
    }
    Pointer from = kind.hasFrom() ? pointer(step, Member.FROM) : path;
    if (from == null) {
      return wrong(step, Member.FROM, "a JSON pointer", place);
    }
    if (isForeign(path) || isForeign(from)) {
      Member wrong = isForeign(path) ? Member.PATH : Member.FROM;
      return wrong(step, wrong, "of a field whose name does not begin with $", place);
    }
    if (kind == PatchStep.Kind.MOVE && from.isAbove(path)) {
      return wrong(step, Member.PATH, "outside of what is moved", place);
    }
    if (!path.isRoot()) {
      return null;
    }
    if (kind == PatchStep.Kind.REMOVE) {
      return wrong(step, Member.PATH, "of a field or what is in one", place);
    }
    boolean sets = kind == PatchStep.Kind.ADD || kind == PatchStep.Kind.REPLACE;
    String problem = sets ? PatchStep.rootProblem(step.value(Member.VALUE.key())) : null;
    return problem == null ? null : wrong(step, Member.VALUE, problem, place);
  }

  private String wrong(JsonObject step, Member member, String must, String place) {
    return Mismatch.of(place + member.key(), must, Value.of(step, member.key()), json);
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

  private Refusal refused(JsonObject message, Member member, String must) {
    return Refusal.ofMember(message, member.key(), must, json);
  }
}
