package dev.unifiedstorage.past;

import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * What a look at the archive has found of one namespace: everything that became visible there
 * between two moments.
 *
 * @param sinceMs from when on
 * @param untilMs when the archive was looked at
 */
public record ArchiveReport(double sinceMs, double untilMs, List<Seen> seen) {
  /** How a text begins that is one, and no other thing that one object tells another. */
  private static final String BEGINNING = "{\"archive\":";

  /**
   * Events that are there.
   *
   * @param life who wrote them; of rows from before there were lives the epoch stands for it
   */
  public record Seen(double life, double fromSeq, double toSeq) {}

  public static boolean isOne(String text) {
    return text.startsWith(BEGINNING);
  }

  /** As one object is told it. */
  public String text(Json json) {
    JsonWriter writer = json.writer().raw(BEGINNING).raw("[").number(sinceMs);
    writer.raw(",").number(untilMs);
    for (Seen one : seen) {
      writer.raw(",").number(one.life).raw(",").number(one.fromSeq).raw(",").number(one.toSeq);
    }
    return writer.raw("]}").text();
  }

  /** Reads what {@link #text} wrote. */
  public static ArchiveReport parse(JsonObject object) {
    JsonArray numbers = object.array("archive");
    List<Seen> seen = new ArrayList<>();
    for (int i = 2; i + 2 < numbers.size(); i += 3) {
      seen.add(new Seen(numbers.number(i), numbers.number(i + 1), numbers.number(i + 2)));
    }
    return new ArchiveReport(numbers.number(0), numbers.number(1), seen);
  }
}
