package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.access.AccessSettings;
import dev.unifiedstorage.protocol.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The pages of settings and errors say what the code does. */
final class ReferencePagesTest {
  private static final Path REFERENCE = Path.of("../docs/reference");
  private static final Pattern SETTING =
      Pattern.compile("(?m)^\\| `([A-Z_]+)` \\| ([^|]+) \\| ([^|]+) \\| [^|]+ \\|$");
  private static final Pattern RANGE = Pattern.compile("([\\d,]+) to ([\\d,]+)");
  private static final Pattern ERROR = Pattern.compile("(?m)^\\| `([A-Z_]+)` \\| (\\d+) \\|");

  /** A row: what it says is the default, and what it says may be set. */
  private record Row(String absent, String allowed) {}

  private static Map<String, Row> rows() throws IOException {
    Map<String, Row> rows = new LinkedHashMap<>();
    Matcher row = SETTING.matcher(Files.readString(REFERENCE.resolve("settings.md")));
    while (row.find()) {
      rows.put(row.group(1), new Row(row.group(2), row.group(3)));
    }
    return rows;
  }

  @Test
  void everySettingHasARow() throws IOException {
    assertEquals(new TreeSet<>(VarNames.all()), new TreeSet<>(rows().keySet()));
  }

  @Test
  void theDefaultOfTheRowIsTheDefault() throws IOException {
    int said = 0;
    for (Map.Entry<String, Row> row : rows().entrySet()) {
      String absent = row.getValue().absent();
      // The archive reader of each target has the defaults of these.
      if (absent.startsWith("`") && !row.getKey().startsWith("ICEBERG_")) {
        assertEquals(of(Map.of()), of(Map.of(row.getKey(), code(absent))), row.getKey());
        said++;
      }
    }
    assertTrue(said > 15, "defaults: " + said);
  }

  @Test
  void theRangeOfTheRowIsTheRange() throws IOException {
    int ranges = 0;
    for (Map.Entry<String, Row> row : rows().entrySet()) {
      Matcher range = RANGE.matcher(row.getValue().allowed());
      if (range.matches()) {
        long least = number(range.group(1));
        long most = number(range.group(2));
        of(Map.of(row.getKey(), "" + least));
        of(Map.of(row.getKey(), "" + most));
        assertRefused(row.getKey(), "" + (least - 1));
        assertRefused(row.getKey(), "" + (most + 1));
        ranges++;
      }
    }
    assertTrue(ranges > 15, "ranges: " + ranges);
  }

  @Test
  void theWordsOfTheRowAreTaken() throws IOException {
    List<String> taken = new ArrayList<>();
    for (Map.Entry<String, Row> row : rows().entrySet()) {
      String name = row.getKey();
      String allowed = row.getValue().allowed();
      // Who may is no setting of a store, and the words of a rate stand for numbers.
      boolean other = AccessSettings.VARS.contains(name) || name.equals("RATE_LIMIT");
      if (allowed.startsWith("`") && !other) {
        for (String word : allowed.split(", ")) {
          of(Map.of(name, code(word)));
        }
        assertRefused(name, "other");
        taken.add(name);
      }
    }
    assertTrue(taken.contains("DURABILITY") && taken.contains("ADOPT_LOG"), taken::toString);
  }

  @Test
  void everyErrorHasARowWithItsStatus() throws IOException {
    Map<String, Integer> said = new TreeMap<>();
    Matcher row = ERROR.matcher(Files.readString(REFERENCE.resolve("errors.md")));
    while (row.find()) {
      said.put(row.group(1), Integer.valueOf(row.group(2)));
    }
    Map<String, Integer> codes = new TreeMap<>();
    Arrays.stream(ErrorCode.values()).forEach(code -> codes.put(code.name(), code.httpStatus()));
    assertEquals(codes, said);
  }

  private static UnifiedStoreConfig of(Map<String, String> vars) {
    return UnifiedStoreConfig.fromVars("page", new HashMap<>(vars));
  }

  private static void assertRefused(String name, String value) {
    assertThrows(IllegalArgumentException.class, () -> of(Map.of(name, value)), name + "=" + value);
  }

  /** What stands between the first two backquotes. */
  private static String code(String cell) {
    return cell.substring(1, cell.indexOf('`', 1));
  }

  private static long number(String text) {
    return Long.parseLong(text.replace(",", ""));
  }
}
