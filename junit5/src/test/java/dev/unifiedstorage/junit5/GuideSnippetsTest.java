package dev.unifiedstorage.junit5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.checkpoint.LazyCheckpointer;
import dev.unifiedstorage.recovery.ColdStartRecovery;
import dev.unifiedstorage.state.InMemoryStateManager;
import dev.unifiedstorage.store.UnifiedStoreDO;
import dev.unifiedstorage.wal.PipelineEmitter;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The guides show code that runs as a test, letter by letter, and all of it. */
class GuideSnippetsTest {
  private static final Path GUIDES = Path.of("../docs/guide");
  private static final Path TESTS = Path.of("src/test/java/dev/unifiedstorage/junit5");

  private static final Pattern IN_TESTS =
      Pattern.compile("(?ms)^ *// snippet: (\\S+)\\n(.*?)\\n*^ *// end$");
  private static final Pattern IN_GUIDE =
      Pattern.compile("(?ms)^<!-- snippet: (\\S+) -->\\n```java\\n(.*?)```$");
  private static final Pattern CODE = Pattern.compile("(?m)^```java$");

  /** A whole file, which release-check follows in an empty folder. */
  private static final Pattern FILE = Pattern.compile("(?m)^<!-- file: \\S+ -->\\n```java$");

  private static final Map<String, Class<?>> COMPONENTS =
      Map.of(
          "in-memory-state-manager.md", InMemoryStateManager.class,
          "pipeline-emitter.md", PipelineEmitter.class,
          "lazy-checkpointer.md", LazyCheckpointer.class,
          "cold-start-recovery.md", ColdStartRecovery.class,
          "unified-store-do.md", UnifiedStoreDO.class);

  @Test
  void theGuideToTestingShowsWhatTheTestsRun() throws IOException {
    assertShown(List.of("testing-on-the-jvm.md"), "GuideTest.java");
  }

  @Test
  void theGuideToTheComponentsShowsWhatTheTestsRun() throws IOException {
    List<String> pages =
        List.of(
            "components.md",
            "in-memory-state-manager.md",
            "pipeline-emitter.md",
            "lazy-checkpointer.md",
            "cold-start-recovery.md",
            "unified-store-do.md");
    assertShown(pages, "ComponentsGuideTest.java");
  }

  @Test
  void theGuideToEachComponentNamesItsOptions() throws IOException {
    for (Map.Entry<String, Class<?>> component : COMPONENTS.entrySet()) {
      String page = Files.readString(GUIDES.resolve(component.getKey()));
      Class<?> builder =
          Stream.of(component.getValue().getDeclaredClasses())
              .filter(inner -> inner.getSimpleName().equals("Builder"))
              .findFirst()
              .orElseThrow();
      for (Method option : builder.getDeclaredMethods()) {
        boolean shown = page.contains("| `" + option.getName() + "`");
        boolean isOption =
            Modifier.isPublic(option.getModifiers()) && option.getReturnType() == builder;
        assertTrue(
            !isOption || shown, component.getKey() + " lacks the option " + option.getName());
      }
    }
  }

  private static void assertShown(List<String> pages, String test) throws IOException {
    Map<String, String> shown = new TreeMap<>();
    long pieces = 0;
    for (String page : pages) {
      String guide = Files.readString(GUIDES.resolve(page));
      shown.putAll(snippets(IN_GUIDE, guide));
      pieces += CODE.matcher(guide).results().count() - FILE.matcher(guide).results().count();
    }
    assertEquals(snippets(IN_TESTS, Files.readString(TESTS.resolve(test))), shown);
    assertEquals(pieces, shown.size(), "code that is no test's in the guide");
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
