package dev.unifiedstorage.state;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A thing's own fields, or the change that an update makes to them: as the host's object, as JSON
 * text, or both. A change may also take fields away.
 *
 * <p>They never change. A request brings an object, a row brings text, and either is made from the
 * other when first needed: a thing that is only loaded and read is never parsed, one that is
 * written is printed once for its row, its reply and its event together. What was written lately
 * has both, because the next update needs the object; what stays is {@link #compact}.
 */
public final class Fields {
  private @Nullable JsonObject object;
  private @Nullable String text;
  private final List<String> unset;

  /** Whether each character of the text takes two bytes; known at the latest once it is compact. */
  private boolean wide;

  private Fields(@Nullable JsonObject object, @Nullable String text, List<String> unset) {
    this.object = object;
    this.text = text;
    this.unset = unset;
  }

  /** Takes the object over: the caller must not change it afterwards. */
  public static Fields of(JsonObject object) {
    return new Fields(object, null, List.of());
  }

  /** Takes the text of one JSON object, as {@link Json} writes it. */
  public static Fields ofText(String text) {
    return new Fields(null, text, List.of());
  }

  /** A change that sets the object's fields and takes others away; takes both over. */
  public static Fields change(JsonObject object, List<String> unset) {
    return new Fields(object, null, unset);
  }

  /** The fields that a change takes away. */
  public List<String> unset() {
    return unset;
  }

  /** Removes from {@code data} what a request cannot set, and returns it. */
  public static JsonObject withoutSystemFields(JsonObject data) {
    data.removeSystemFields();
    return data;
  }

  /** The fields as JSON text. */
  public String text(Json json) {
    if (text == null) {
      text = textOfObject(json);
    }
    return text;
  }

  /** How long the text is; unlike {@link #text}, this makes none that stays. */
  public int length(Json json) {
    return text != null ? text.length() : textOfObject(json).length();
  }

  private String textOfObject(Json json) {
    return json.writer().object(Objects.requireNonNull(object)).text();
  }

  /**
   * Lets the object go for the text, and returns it: a short string is several times smaller than
   * the object it describes.
   */
  public String compact(Json json) {
    findWidth(json);
    object = null;
    return text(json);
  }

  /** Finds out how wide the characters are, before anybody counts these fields. */
  public void findWidth(Json json) {
    wide = wide || json.isWide(text(json));
  }

  /** Says that the text is a part of one whose characters take two bytes each. */
  public void widened() {
    wide = true;
  }

  boolean isWide() {
    return wide;
  }

  /** The fields as an object that must not be changed. */
  public JsonObject object(Json json) {
    return object != null ? object : json.parse(Objects.requireNonNull(text));
  }

  /** These fields with {@code changes} laid over them; neither changes. */
  public Fields with(Fields changes, Json json) {
    JsonObject merged = json.object().setAll(object(json)).setAll(changes.object(json));
    if (!changes.unset.isEmpty()) {
      merged.removeAll(changes.unset);
    }
    Fields all = of(merged);
    all.wide = wide || changes.wide;
    return all;
  }

  /** How many characters of text and of objects in these fields the changes replace or remove. */
  int replacedChars(Fields changes, Json json) {
    JsonObject own = object(json);
    int chars = 0;
    for (String key : changes.object(json).keys()) {
      chars += chars(own, key, json);
    }
    for (String key : changes.unset) {
      chars += chars(own, key, json);
    }
    return chars;
  }

  private static int chars(JsonObject own, String key, Json json) {
    return switch (own.kind(key)) {
      case STRING -> own.string(key).length();
      case OBJECT -> json.writer().object(own.object(key)).text().length();
      default -> 0;
    };
  }

  /** Appends the fields as members of an object that has members already: each behind a comma. */
  public void writeMembers(JsonWriter writer, Json json) {
    String members = text(json);
    if (members.length() > 2) {
      writer.raw(",").raw(members.substring(1, members.length() - 1));
    }
  }
}
