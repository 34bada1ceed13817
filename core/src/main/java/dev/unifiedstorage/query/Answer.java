package dev.unifiedstorage.query;

import dev.unifiedstorage.port.JsonWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of a query. */
public sealed interface Answer {
  /** How it was found; shown when asked for. */
  record Explanation(@Nullable List<String> index, int looked, int matched) {
    /** Appends it as a JSON object. */
    public void writeTo(JsonWriter writer) {
      writer.raw("{\"index\":");
      if (index == null) {
        writer.raw("null");
      } else {
        IndexDefinition.write(index, writer);
      }
      writer.raw(",\"looked\":").number(looked);
      writer.raw(",\"matched\":").number(matched).raw("}");
    }
  }

  /**
   * A page.
   *
   * @param things a JSON array
   * @param cursor null when nothing follows
   */
  record Page(JsonWriter things, @Nullable String cursor, Explanation explanation)
      implements Answer {}

  record Count(double count, Explanation explanation) implements Answer {}

  /**
   * It would look at more things than it may.
   *
   * @param looked how many it would have to look at, as far as is known
   * @param index one that would help, or null
   */
  record TooExpensive(int looked, @Nullable List<String> index) implements Answer {
    /** Appends what a client needs to go on, as a JSON object. */
    public void writeTo(JsonWriter writer) {
      writer.raw("{\"looked\":").number(looked).raw(",\"index\":");
      if (index == null) {
        writer.raw("null");
      } else {
        IndexDefinition.write(index, writer);
      }
      writer.raw("}");
    }
  }
}
