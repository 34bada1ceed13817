package dev.unifiedstorage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The packages depend on one another in one direction only. */
final class PackageOrderTest {
  /** A package may name those before it, and need not. */
  private static final List<String> ORDER =
      List.of(
          // what the store asks of its surroundings
          "port",
          // what is counted
          "figures",
          // what there is
          "session",
          "state",
          // how it becomes durable
          "layout",
          "wal",
          "checkpoint",
          // what is asked and answered
          "query",
          "protocol",
          "schema",
          "access",
          // how it comes back
          "snapshot",
          "past",
          "recovery",
          // who is told
          "feed",
          // what all of it costs, and all of it
          "cost",
          "store");

  private static final Path SOURCES = Path.of("src/main/java/dev/unifiedstorage");
  private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|//[^\n]*");
  private static final Pattern NAMED = Pattern.compile("\\bdev\\.unifiedstorage\\.(\\w+)\\.");

  @Test
  void everyPackageHasItsPlace() throws IOException {
    try (Stream<Path> folders = Files.list(SOURCES)) {
      List<String> names = folders.map(folder -> folder.getFileName().toString()).toList();
      assertEquals(new TreeSet<>(names), new TreeSet<>(ORDER));
    }
  }

  @Test
  void noClassNamesAPackageBehindItsOwn() throws IOException {
    List<String> wrong = new ArrayList<>();
    int looked = 0;
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(one -> one.toString().endsWith(".java")).toList()) {
        String own = file.getParent().getFileName().toString();
        String code = COMMENT.matcher(Files.readString(file)).replaceAll("");
        for (String named : NAMED.matcher(code).results().map(PackageOrderTest::name).toList()) {
          looked++;
          if (ORDER.indexOf(named) > ORDER.indexOf(own)) {
            wrong.add(own + "." + file.getFileName() + " names " + named);
          }
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(looked > 1_000, "names: " + looked);
  }

  @Test
  void thePageSaysTheSameOrder() throws IOException {
    String page = Files.readString(Path.of("../docs/architecture.md"));
    String line = page.lines().filter(one -> one.contains("` ← `session`")).findAny().orElseThrow();
    assertEquals(
        ORDER, Pattern.compile("`(\\w+)`").matcher(line).results().map(r -> r.group(1)).toList());
  }

  private static String name(MatchResult found) {
    return found.group(1);
  }
}
