package dev.unifiedstorage.emulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.unifiedstorage.emulator.pipeline.Faults.PipelineMode;
import dev.unifiedstorage.emulator.pipeline.Faults.SinkMode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules and the dashboard, against what a store in trouble says and one that is well. */
final class MonitoringTest {
  private static final Path MONITORING = Path.of("../docs/monitoring").toAbsolutePath();
  private static final Pattern EXPRESSION = Pattern.compile("(?m)^ *\"?expr\"?: \"?(.+?)\"?,?$");
  private static final Pattern SELECTOR =
      Pattern.compile("(unified_storage_\\w+)(?:\\{([^}]*)\\})?");
  private static final Pattern MATCHER = Pattern.compile("(\\w+) *(?:=~|!~|!=|=)");
  private static final Pattern GROUPING = Pattern.compile("by \\(([^)]*)\\)");
  private static final Pattern SAMPLE =
      Pattern.compile("(?m)^(unified_storage_\\w+)\\{(.+)\\} (.+)$");

  @TempDir Path folder;
  private Emulator emulator;
  private String troubled;
  private String well;

  /** Twenty minutes without a Pipeline and a sink, of which only one store has noticed. */
  @BeforeEach
  void scrape() throws Exception {
    emulator =
        Emulator.start(
            EmulatorOptions.builder()
                .virtualClock()
                .var("ARCHIVE_LAG_LIMIT", "60000")
                .log(new PrintStream(OutputStream.nullOutputStream()))
                .build());
    Store store = emulator.store("troubled");
    emulator.await(store.create("Card", Map.of("$id", "a")));
    emulator.faults().sink(SinkMode.STALL);
    emulator.await(store.update("a", Map.of("increment", Map.of("n", 1))));
    emulator.faults().pipeline(PipelineMode.REJECT, 0);
    for (int minute = 0; minute < 20; minute++) {
      emulator.await(store.update("a", Map.of("increment", Map.of("n", 1))));
      emulator.advance(Duration.ofMinutes(1));
    }
    troubled = metrics("troubled");
    well = metrics("well");
  }

  @AfterEach
  void close() {
    emulator.close();
  }

  private String metrics(String namespace) throws IOException, InterruptedException {
    URI url = URI.create(emulator.url() + "/stores/" + namespace + "/metrics");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  /** One over a metric or a label that there is not would never fire, and show nothing. */
  @Test
  void everyExpressionAsksForMetricsAndLabelsThatThereAre() throws IOException {
    Map<String, Set<String>> labels = new TreeMap<>();
    for (MatchResult sample : all(SAMPLE, troubled)) {
      Set<String> some = labels.computeIfAbsent(sample.group(1), name -> new TreeSet<>());
      all(MATCHER, sample.group(2)).forEach(label -> some.add(label.group(1)));
    }
    for (String file : List.of("alerts.yml", "grafana.json")) {
      List<String> expressions = expressions(file);
      assertTrue(expressions.size() > 10, file);
      for (String expression : expressions) {
        Set<String> known = new TreeSet<>();
        for (MatchResult selector : all(SELECTOR, expression)) {
          Set<String> its = labels.get(selector.group(1));
          assertTrue(its != null, "no " + selector.group(1) + " for " + expression);
          known.addAll(its);
          String matchers = selector.group(2) == null ? "" : selector.group(2);
          all(MATCHER, matchers).forEach(label -> assertKnown(its, label.group(1), expression));
        }
        for (MatchResult by : all(GROUPING, expression)) {
          List.of(by.group(1).split(", ")).forEach(label -> assertKnown(known, label, expression));
        }
      }
    }
  }

  private static void assertKnown(Set<String> known, String label, String expression) {
    assertTrue(known.contains(label), "no label " + label + " for " + expression);
  }

  private static List<String> expressions(String file) throws IOException {
    List<String> expressions = new ArrayList<>();
    for (MatchResult found : all(EXPRESSION, Files.readString(MONITORING.resolve(file)))) {
      expressions.add(found.group(1).replace("\\\"", "\""));
    }
    return expressions;
  }

  private static List<MatchResult> all(Pattern pattern, String text) {
    List<MatchResult> all = new ArrayList<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      all.add(matcher.toMatchResult());
    }
    return all;
  }

  // ---- by Prometheus' own tool, where there is one

  @Test
  void prometheusTakesWhatIsScraped() throws Exception {
    Path file = Files.writeString(folder.resolve("metrics"), troubled);
    String said = promtool(file, "check", "metrics");
    // Its advice on names is about units in seconds; what it cannot read is an error.
    assertTrue(!said.contains("error while linting"), said);
  }

  @Test
  void theRulesFireForTheStoreInTroubleAndForNoOther() throws Exception {
    Path rules = MONITORING.resolve("alerts.yml");
    assertTrue(promtool(null, "check", "rules", rules.toString()).contains("SUCCESS"));
    StringBuilder test = new StringBuilder("rule_files: ['" + rules + "']\n");
    test.append("tests:\n  - interval: 1m\n    input_series:\n");
    for (MatchResult sample : all(SAMPLE, troubled + well)) {
      test.append("      - series: '" + sample.group(1) + "{" + sample.group(2) + "}'\n");
      test.append("        values: '" + sample.group(3) + "x60'\n");
    }
    test.append("    promql_expr_test:\n      - expr: ALERTS{alertstate=\"firing\"}\n");
    test.append("        eval_time: 30m\n        exp_samples:\n");
    for (String alert : List.of("PipelineOutage", "ArchiveLags")) {
      test.append("          - labels: 'ALERTS{alertname=\"" + alert + "\",alertstate=\"firing\",");
      test.append("namespace=\"troubled\",severity=\"ticket\"}'\n            value: 1\n");
    }
    Path file = Files.writeString(folder.resolve("test.yml"), test);
    String said = promtool(null, "test", "rules", file.toString());
    assertTrue(said.contains("SUCCESS"), said);
  }

  /** What it says, to stdout and stderr. */
  private String promtool(Path in, String... arguments) throws IOException, InterruptedException {
    String given = System.getenv("PROMTOOL");
    List<String> command = new ArrayList<>(List.of(given == null ? "promtool" : given));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    if (in != null) {
      builder.redirectInput(in.toFile());
    }
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      assumeTrue(given != null, "promtool is not there: see docs/testing-platform.md");
      throw e;
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int exit = process.waitFor();
    // 3 is advice.
    assertEquals(0, exit == 3 ? 0 : exit, said);
    return said;
  }
}
