package dev.unifiedstorage.emulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandLineTest {
  @Test
  void nothingGivenMeansTheDefaults() throws CommandLine.UsageException {
    EmulatorOptions options = CommandLine.parse().options();
    assertEquals(8787, options.port());
    assertEquals("127.0.0.1", options.host());
    assertEquals(Path.of(".data"), options.data());
    assertNull(options.pipelineUrl());
    assertEquals(2000, options.rollIntervalMs());
    assertFalse(options.faults());
    assertEquals(Map.of(), options.vars());
  }

  @Test
  void everyOptionIsRead() throws CommandLine.UsageException {
    EmulatorOptions options =
        CommandLine.parse(
                "--port=0",
                "--host",
                "::1",
                "--data",
                "x y",
                "--pipeline-url",
                "http://127.0.0.1:9/p",
                "--roll-interval",
                "500",
                "--faults")
            .options();
    assertEquals(0, options.port());
    assertEquals("::1", options.host());
    assertEquals(Path.of("x y"), options.data());
    assertEquals(URI.create("http://127.0.0.1:9/p"), options.pipelineUrl());
    assertEquals(500, options.rollIntervalMs());
    assertTrue(options.faults());
    assertEquals(LogForm.TEXT, options.logForm());
    assertEquals(LogForm.JSON, CommandLine.parse("--log=json").options().logForm());
    assertTrue(CommandLine.parse("--help").help());
  }

  @Test
  void whatIsWrongIsSaidInOneSentence() {
    wrong("unknown option --prot", "--prot", "1");
    wrong("unknown option 8787", "8787");
    wrong("--port needs a value", "--port");
    wrong("--port needs a value", "--port=");
    wrong("--port needs a whole number from 0 to 65535, found 65536", "--port", "65536");
    wrong("--port needs a whole number from 0 to 65535, found x", "--port", "x");
    wrong("--faults takes no value", "--faults=1");
    wrong(
        "--pipeline-url needs an http or https URL, found ftp://x/", "--pipeline-url", "ftp://x/");
    wrong("--pipeline-url needs an http or https URL, found no url", "--pipeline-url", "no url");
    wrong("--roll-interval needs a whole number", "--roll-interval", "1");
    wrong("--log needs text or json, found xml", "--log", "xml");
    wrong("--set needs NAME=VALUE, found X", "--set", "X");
    wrong("--set: unknown variable NO_SUCH_VAR, the nearest is ", "--set", "NO_SUCH_VAR=1");
    wrong(
        "--set: SCHEMAS: the keyword format is not supported, at A#/items/format",
        "--set",
        "SCHEMAS={\"A\":{\"items\":{\"format\":\"email\"}}}");
  }

  @Test
  void onlyAnAddressOfThisMachineNeedsNoToken() throws CommandLine.UsageException {
    for (String host : List.of("localhost", "127.0.0.1", "127.1.2.3", "::1", "0:0:0:0:0:0:0:1")) {
      assertTrue(CommandLine.parse("--host", host).options().accessSettings().open(), host);
      assertTrue(CommandLine.parse("--host", host).options().isKeptByLoopback(), host);
    }
    for (String host : List.of("0.0.0.0", "::", "2001:db8::1", "fe80::1", "127.nobody.invalid")) {
      EmulatorOptions options = CommandLine.parse("--host", host).options();
      assertFalse(options.accessSettings().open(), host);
      EmulatorOptions all = CommandLine.parse("--host", host, "--set", "PUBLIC=true").options();
      assertTrue(all.accessSettings().open() && !all.isKeptByLoopback(), host);
    }
  }

  @Test
  void secretsComeFromTheEnvironmentOrAFileToo(@TempDir Path folder) throws Exception {
    Map<String, String> environment =
        Map.of("UNIFIED_STORAGE_ACCESS_TOKEN", "from-env", "ACCESS_TOKEN", "of another program");
    assertEquals(
        List.of("from-env"), CommandLine.parse(environment).options().accessSettings().tokens());
    Path file = folder.resolve("vars.json");
    Files.writeString(
        file,
        "{\"ACCESS_TOKEN\":\"from-file\",\"MAX_SCAN\":7,\"INDEXES\":{\"Card\":[[\"board\"]]}}");
    EmulatorOptions options = CommandLine.parse("--set-file", file.toString()).options();
    assertEquals(List.of("from-file"), options.accessSettings().tokens());
    assertEquals("7", options.vars().get("MAX_SCAN"));
    assertEquals("{\"Card\":[[\"board\"]]}", options.vars().get("INDEXES"));
    options =
        CommandLine.parse("--set-file", file.toString(), "--set", "ACCESS_TOKEN=given").options();
    assertEquals(List.of("given"), options.accessSettings().tokens());
    assertFalse(options.toString().contains("given"));
    Files.writeString(file, "[]");
    wrong("--set-file " + file + " cannot be read: ", "--set-file", file.toString());
  }

  /** A server that was to ask for a token would start open. */
  @Test
  void anUnknownVariableOfTheEnvironmentIsRefusedWithTheNearest() throws Exception {
    Map<String, String> misspelt = Map.of("UNIFIED_STORAGE_ACCES_TOKEN", "secret", "PATH", "/bin");
    String said =
        assertThrows(CommandLine.UsageException.class, () -> CommandLine.parse(misspelt))
            .getMessage();
    assertTrue(
        said.startsWith(
            "unknown variable UNIFIED_STORAGE_ACCES_TOKEN in the environment, the nearest is"
                + " UNIFIED_STORAGE_ACCESS_TOKEN;"),
        said);
    assertFalse(said.contains("secret;"), said);
    assertThrows(
        CommandLine.UsageException.class,
        () -> CommandLine.parse(Map.of("UNIFIED_STORAGE_DURABILITY", "memory")));
    assertTrue(CommandLine.parse(misspelt, "--help").help(), "who asks for help is helped");
    assertTrue(CommandLine.parse(misspelt, "--version").version());
  }

  @Test
  void helpNamesEveryOptionAndEveryExitCode() {
    String help = CommandLine.helpText();
    for (String word :
        new String[] {
          "--port",
          "--host",
          "--data",
          "--pipeline-url",
          "--roll-interval",
          "--faults",
          "--set",
          "--set-file",
          "UNIFIED_STORAGE_ACCESS_TOKEN",
          "--log",
          "--version",
          "--help",
          "8787",
          ".data",
          "milliseconds",
          "Exit codes: 0",
          "wscat"
        }) {
      assertTrue(help.contains(word), word);
    }
    help.lines().forEach(line -> assertTrue(line.length() <= 100, line));
  }

  /** What help says of an option: its name, its value's, and in brackets what holds without it. */
  @Test
  void thePageHasEveryOptionWithItsDefault() throws Exception {
    Map<String, String> help = new TreeMap<>();
    Matcher option =
        Pattern.compile(
                "(?m)^  (--[a-z-]+(?: [A-Z=]+)?)  +[^\\[]+?(?:\\[(\\S+)])?$(?=\\n  --|\\n\\n)")
            .matcher(CommandLine.helpText());
    while (option.find()) {
      String without = option.group(2) == null ? "" : option.group(2);
      help.put(option.group(1), without);
    }
    Map<String, String> page = new TreeMap<>();
    Matcher row =
        Pattern.compile("(?m)^\\| `(--[^`]+)` \\| (\\S*) ?\\|")
            .matcher(Files.readString(Path.of("../docs/reference/emulator.md")));
    while (row.find()) {
      page.put(row.group(1), row.group(2));
    }
    assertTrue(help.size() > 9, help::toString);
    assertEquals(help, page);
  }

  @Test
  void thePageOfRoutesHasThoseOfHelp() throws Exception {
    String page = Files.readString(Path.of("../docs/reference/routes.md"));
    Matcher route =
        Pattern.compile("(?m)^  (GET|POST) +(/[^ ?.\\n]*)").matcher(CommandLine.helpText());
    int routes = 0;
    while (route.find()) {
      String path = route.group(2).replace("{namespace}", "{ns}");
      assertTrue(page.contains("`" + route.group(1) + " " + path), path);
      routes++;
    }
    assertTrue(routes > 10, "routes: " + routes);
  }

  private static void wrong(String message, String... args) {
    String said =
        assertThrows(CommandLine.UsageException.class, () -> CommandLine.parse(args)).getMessage();
    assertTrue(said.startsWith(message), said);
  }
}
