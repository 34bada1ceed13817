package dev.unifiedstorage.store;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.protocol.Edits;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Limits;
import dev.unifiedstorage.protocol.PatchStep;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.state.Fields;
import dev.unifiedstorage.state.Thing;
import dev.unifiedstorage.state.Upcasts;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The next fields of a thing, while the parts of one update are done to them in their order.
 *
 * <p>What comes out is a {@link #change}: the new values and the names of what went, without
 * operators, so that an event, a row and a replay need to know no more than how to set a field and
 * how to take one away. Nothing is done to the thing itself; when a part fails, {@link #refusal}
 * says why, and the draft is thrown away.
 */
final class Draft {
  private final Json json;
  private final JsonObject older;
  private final @Nullable JsonObject data;
  private JsonObject fields;
  private final Size size;

  /** Names of fields that may have another value than before. */
  private final Set<String> touched = new LinkedHashSet<>();

  private @Nullable Refusal refusal;

  /**
   * @param data fields to set, or null
   * @param dataBytes an upper estimate of their length as text
   */
  Draft(Thing thing, @Nullable JsonObject data, int dataBytes, Json json) {
    this.json = json;
    this.older = thing.fields().object(json);
    this.data = data;
    this.fields = json.object().setAll(older);
    // It is the store's, as the version is: no patch sees it, and none takes it away.
    fields.remove(Upcasts.FORM);
    this.size = new Size(thing, json);
    if (data != null) {
      fields.setAll(data);
      size.grow(dataBytes);
      checkSize(Refusal.of(ErrorCode.PAYLOAD_TOO_LARGE, tooLarge("the data")));
    }
  }

  /** Why the update cannot be done, or null. */
  @Nullable Refusal refusal() {
    return refusal;
  }

  /** Does the parts beside the data; false when one fails. */
  boolean apply(Edits edits) {
    if (refusal == null) {
      touched.addAll(edits.unset());
      fields.removeAll(edits.unset());
      increment(edits.increment());
      patch(edits.patch());
    }
    return refusal == null;
  }

  private void increment(@Nullable JsonObject increment) {
    if (increment == null) {
      return;
    }
    for (String name : increment.keys()) {
      JsonKind kind = fields.kind(name);
      if (kind != JsonKind.ABSENT && kind != JsonKind.NUMBER) {
        refuse(name, name + " must be a number to be incremented, got another value");
        return;
      }
      double sum = (kind == JsonKind.ABSENT ? 0 : fields.number(name)) + increment.number(name);
      if (!(Math.abs(sum) <= Double.MAX_VALUE)) {
        refuse(name, name + " must stay finite when it is incremented, got more");
        return;
      }
      touched.add(name);
      fields.set(name, sum);
      size.grow(name.length() + Size.NUMBER_CHARS);
    }
    checkSize(Refusal.of(ErrorCode.PAYLOAD_TOO_LARGE, tooLarge("the increments")));
  }

  private void patch(List<PatchStep> steps) {
    PatchedFields patched = new PatchedFields(fields, touched, size, json);
    for (int i = 0; i < steps.size() && refusal == null; i++) {
      PatchedFields.Problem problem = patched.apply(steps.get(i));
      fields = patched.fields();
      if (problem != null) {
        String message = "operation " + i + " of the patch failed: " + problem.message();
        refusal = Refusal.ofIndex(problem.code(), i, message, json);
        return;
      }
      if (size.isOver(fields)) {
        String message = tooLarge("operation " + i + " of the patch");
        refusal = Refusal.ofIndex(ErrorCode.PAYLOAD_TOO_LARGE, i, message, json);
      }
    }
  }

  private void refuse(String field, String message) {
    refusal = Refusal.ofField(field, message, json);
  }

  private void checkSize(Refusal tooLarge) {
    if (refusal == null && size.isOver(fields)) {
      refusal = tooLarge;
    }
  }

  private static String tooLarge(String part) {
    return "expected a thing of at most "
        + Limits.THING_BYTES
        + " bytes, it would have more after "
        + part;
  }

  /** What has changed: what the data sets, and every other field whose value is not the same. */
  Fields change() {
    JsonObject changes = json.object();
    if (data != null) {
      changes.setAll(data);
    }
    List<String> unset = new ArrayList<>();
    List<String> gone = new ArrayList<>();
    for (String name : touched) {
      boolean existed = older.kind(name) != JsonKind.ABSENT;
      boolean set = data != null && data.kind(name) != JsonKind.ABSENT;
      if (fields.kind(name) == JsonKind.ABSENT) {
        gone.add(name);
        if (existed) {
          unset.add(name);
        }
      } else if (set || !existed || !fields.value(name).same(older.value(name))) {
        changes.set(name, fields.value(name));
      }
    }
    if (data != null) {
      changes.removeAll(gone);
    }
    return Fields.change(changes, unset);
  }

  /** What has to change so that {@code fields} are all own fields of a thing. */
  static Fields replacement(Thing thing, JsonObject fields, Json json) {
    JsonObject older = thing.fields().object(json);
    JsonObject changes = json.object();
    List<String> unset = new ArrayList<>();
    for (String name : fields.keys()) {
      boolean same =
          older.kind(name) != JsonKind.ABSENT && fields.value(name).same(older.value(name));
      if (!same) {
        changes.set(name, fields.value(name));
      }
    }
    for (String name : older.keys()) {
      if (fields.kind(name) == JsonKind.ABSENT) {
        unset.add(name);
      }
    }
    return Fields.change(changes, unset);
  }

  /** Whether a thing has exactly these type, fields and expiry. */
  static boolean isSame(
      Thing thing, String type, JsonObject fields, double expiresAtMs, Json json) {
    if (!thing.type().equals(type) || thing.expiresAtMs() != expiresAtMs) {
      return false;
    }
    Fields changes = replacement(thing, fields, json);
    return changes.unset().isEmpty() && changes.object(json).keys().isEmpty();
  }
}
