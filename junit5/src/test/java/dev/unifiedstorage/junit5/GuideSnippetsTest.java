package dev.unifiedstorage.junit5;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The guides show code that runs as a test, letter by letter, and all of it. */
class GuideSnippetsTest {
  private static final Path GUIDES = Path.of("../docs/guide");
  private static final Path TESTS = Path.of("src/test/java/dev/unifiedstorage/junit5");

  private static final Pattern IN_TESTS =
      Pattern.compile("(?ms)^ *// snippet: (\\S+)\\n(.*?)\\n*^ *// end$");
  private static final Pattern IN_GUIDE =
      Pattern.compile("(?ms)^<!-- snippet: (\\S+) -->\\n```java\\n(.*?)```$");
  private static final Pattern CODE = Pattern.compile("(?m)^```java$");

  @ParameterizedTest
  @CsvSource({
    "testing-on-the-jvm.md, GuideTest.java",
    "components-in-java.md, ComponentsGuideTest.java"
  })
  void theGuideShowsWhatTheTestsRun(String page, String test) throws IOException {
    String guide = Files.readString(GUIDES.resolve(page));
    Map<String, String> shown = snippets(IN_GUIDE, guide);
    assertEquals(snippets(IN_TESTS, Files.readString(TESTS.resolve(test))), shown);
    assertEquals(
        CODE.matcher(guide).results().count(), shown.size(), "code that is no test's in the guide");
  }

  private static Map<String, String> snippets(Pattern pattern, String text) {
    Map<String, String> snippets = new TreeMap<>();
    for (Matcher matcher = pattern.matcher(text); matcher.find(); ) {
      snippets.put(matcher.group(1), withoutIndent(matcher.group(2)));
    }
    return snippets;
  }

  private static String withoutIndent(String code) {
    int indent =
        code.lines()
            .filter(line -> !line.isBlank())
            .mapToInt(line -> line.length() - line.stripLeading().length())
            .min()
            .orElse(0);
    return code.lines()
        .map(line -> line.isBlank() ? "" : line.substring(indent))
        .collect(Collectors.joining("\n"))
        .strip();
  }
}
