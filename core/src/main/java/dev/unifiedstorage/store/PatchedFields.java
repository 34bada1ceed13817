package dev.unifiedstorage.store;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonValue;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Limits;
import dev.unifiedstorage.protocol.PatchStep;
import dev.unifiedstorage.protocol.Pointer;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a thing under the operations of a patch (RFC 6902).
 *
 * <p>Only the object of the fields itself is changed. Everything below is shared with the thing as
 * it was, with the request and with copies in other places, so an operation makes the containers on
 * the way to its place anew and leaves the others as they are.
 */
final class PatchedFields {
  /** Why an operation failed. */
  record Problem(ErrorCode code, String message) {}

  /** The most digits of an index: an array of more elements is in no message. */
  private static final int INDEX_DIGITS = 9;

  private static final int NO_INDEX = -1;

  private JsonObject fields;
  private final Set<String> touched;
  private final Size size;
  private final Json json;

  /**
   * @param touched gets the names of the fields that an operation may have changed
   */
  PatchedFields(JsonObject fields, Set<String> touched, Size size, Json json) {
    this.fields = fields;
    this.touched = touched;
    this.size = size;
    this.json = json;
  }

  /** The fields as the operations have left them. */
  JsonObject fields() {
    return fields;
  }

  /** Does one operation; what is wrong with it, or null. */
  @Nullable Problem apply(PatchStep step) {
    Pointer path = step.path();
    return switch (step.kind()) {
      case TEST -> test(path, Objects.requireNonNull(step.value()));
      case ADD -> add(path, Objects.requireNonNull(step.value()));
      case REMOVE -> remove(path);
      case REPLACE -> replace(path, Objects.requireNonNull(step.value()));
      case COPY -> {
        Pointer from = Objects.requireNonNull(step.from());
        JsonValue value = find(from);
        yield value == null ? absent(from) : add(path, value);
      }
      case MOVE -> move(Objects.requireNonNull(step.from()), path);
    };
  }

  private @Nullable Problem test(Pointer path, JsonValue expected) {
    JsonValue found = find(path);
    if (found == null) {
      return new Problem(ErrorCode.CONFLICT, notTested(path) + "nothing");
    }
    return found.same(expected)
        ? null
        : new Problem(ErrorCode.CONFLICT, notTested(path) + "another value");
  }

  private @Nullable Problem add(Pointer path, JsonValue value) {
    return path.isRoot() ? replaceAll(value) : edit(path, Edit.ADD, value);
  }

  private @Nullable Problem replace(Pointer path, JsonValue value) {
    return path.isRoot() ? replaceAll(value) : edit(path, Edit.REPLACE, value);
  }

  private @Nullable Problem remove(Pointer path) {
    return edit(path, Edit.REMOVE, null);
  }

  private @Nullable Problem move(Pointer from, Pointer path) {
    JsonValue value = find(from);
    if (value == null) {
      return absent(from);
    }
    if (from.equals(path)) {
      return null;
    }
    // Only a place in something may be moved: the whole contains every other place.
    Problem problem = remove(from);
    return problem == null ? add(path, value) : problem;
  }

  private @Nullable Problem replaceAll(JsonValue value) {
    String wrong = PatchStep.rootProblem(value);
    if (wrong != null) {
      return invalid("the value for the whole thing must be " + wrong);
    }
    JsonObject next = json.object().setAll(value.object());
    for (String name : fields.keys()) {
      touched.add(name);
      size.removed(name, fields.value(name));
    }
    for (String name : next.keys()) {
      touched.add(name);
      size.added(name, next.value(name));
    }
    fields = next;
    return next.depth() > Limits.NESTING ? tooDeep() : null;
  }

  /** The value at a place, or null when there is none. */
  private @Nullable JsonValue find(Pointer place) {
    // A copy, for the fields themselves go on changing.
    JsonValue at = place.isRoot() ? json.object().setAll(fields) : fields;
    for (String token : place.tokens()) {
      at = child(at, token);
      if (at == null) {
        return null;
      }
    }
    return at;
  }

  private static @Nullable JsonValue child(JsonValue container, String token) {
    if (container.kind() == JsonKind.OBJECT) {
      JsonObject object = container.object();
      return object.kind(token) == JsonKind.ABSENT ? null : object.value(token);
    }
    if (container.kind() != JsonKind.ARRAY) {
      return null;
    }
    JsonArray array = container.array();
    int index = index(token);
    return index == NO_INDEX || index >= array.size() ? null : array.value(index);
  }

  /** What is done at the end of a path. */
  private enum Edit {
    ADD,
    REPLACE,
    REMOVE
  }

  private @Nullable Problem edit(Pointer path, Edit edit, @Nullable JsonValue value) {
    if (value != null && path.depth() + value.depth() > Limits.NESTING) {
      return tooDeep();
    }
    List<String> tokens = path.tokens();
    String name = path.field();
    boolean exists = fields.kind(name) != JsonKind.ABSENT;
    if (tokens.size() == 1) {
      if (!exists && edit != Edit.ADD) {
        return absent(path);
      }
      editMember(fields, name, edit, value);
    } else {
      JsonValue edited = exists ? edited(fields.value(name), tokens, 1, edit, value) : null;
      if (edited == null) {
        return absent(path);
      }
      fields.set(name, edited);
    }
    touched.add(name);
    return null;
  }

  /** A copy of a container with the edit done in it, or null when there is no such place. */
  private @Nullable JsonValue edited(
      JsonValue container, List<String> tokens, int depth, Edit edit, @Nullable JsonValue value) {
    String token = tokens.get(depth);
    boolean last = depth == tokens.size() - 1;
    JsonValue older = child(container, token);
    if (!last) {
      JsonValue below = older == null ? null : edited(older, tokens, depth + 1, edit, value);
      return below == null ? null : withChild(container, token, below);
    }
    if (container.kind() == JsonKind.ARRAY) {
      return editedArray(container.array(), token, edit, value);
    }
    if (container.kind() != JsonKind.OBJECT || (older == null && edit != Edit.ADD)) {
      return null;
    }
    JsonObject copy = json.object().setAll(container.object());
    editMember(copy, token, edit, value);
    return copy;
  }

  private JsonValue withChild(JsonValue container, String token, JsonValue child) {
    if (container.kind() == JsonKind.ARRAY) {
      return container.array().replaced(index(token), child);
    }
    return json.object().setAll(container.object()).set(token, child);
  }

  private void editMember(JsonObject object, String name, Edit edit, @Nullable JsonValue value) {
    if (object.kind(name) != JsonKind.ABSENT) {
      size.removed(name, object.value(name));
    }
    if (value == null || edit == Edit.REMOVE) {
      object.remove(name);
    } else {
      size.added(name, value);
      object.set(name, value);
    }
  }

  private @Nullable JsonArray editedArray(
      JsonArray array, String token, Edit edit, @Nullable JsonValue value) {
    int end = array.size();
    int index = edit == Edit.ADD && token.equals("-") ? end : index(token);
    if (index == NO_INDEX || index > end || (index == end && edit != Edit.ADD)) {
      return null;
    }
    if (value != null && edit == Edit.ADD) {
      size.added(null, value);
      return array.inserted(index, value);
    }
    size.removed(null, array.value(index));
    if (value == null) {
      return array.removed(index);
    }
    size.added(null, value);
    return array.replaced(index, value);
  }

  /** The index that a token is: digits without a zero before them. */
  private static int index(String token) {
    int length = token.length();
    if (length == 0 || length > INDEX_DIGITS || (length > 1 && token.charAt(0) == '0')) {
      return NO_INDEX;
    }
    int index = 0;
    for (int i = 0; i < length; i++) {
      int digit = token.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return NO_INDEX;
      }
      index = index * 10 + digit;
    }
    return index;
  }

  /** What is there stays unsaid: who may write need not be one who may read. */
  private static String notTested(Pointer place) {
    return "the value at " + text(place) + " must be that of the test, got ";
  }

  private static Problem absent(Pointer place) {
    return invalid("there is no value at " + text(place));
  }

  private static Problem tooDeep() {
    return invalid("the thing must be nested at most " + Limits.NESTING + " levels deep, got more");
  }

  private static Problem invalid(String message) {
    return new Problem(ErrorCode.VALIDATION_ERROR, message);
  }

  /** A place in a sentence; a long one is cut. */
  private static String text(Pointer place) {
    StringBuilder text = new StringBuilder();
    for (String token : place.tokens()) {
      text.append('/').append(token);
    }
    return text.length() > Limits.NAME_CHARS
        ? text.substring(0, Limits.NAME_CHARS) + "…"
        : text.length() == 0 ? "the root" : text.toString();
  }
}
