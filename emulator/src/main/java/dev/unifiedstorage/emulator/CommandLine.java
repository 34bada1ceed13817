package dev.unifiedstorage.emulator;

import dev.unifiedstorage.store.UnifiedStoreConfig;
import dev.unifiedstorage.store.VarNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The command line, read and checked.
 *
 * @param help whether help is all that is wanted
 * @param version whether the version is all that is wanted
 */
record CommandLine(boolean help, boolean version, EmulatorOptions options) {
  /** What stands before the name of a secret in the environment. */
  private static final String ENVIRONMENT = "UNIFIED_STORAGE_";

  private static final List<String> SECRETS =
      List.of("ACCESS_TOKEN", "AUTH_JWT_SECRET", "ICEBERG_TOKEN");

  private static final int DEFAULT_PORT = 8787;

  private static final String HELP =
      """
      Unified Storage emulator: Durable Objects with their SQLite, and a Pipeline, on this machine.

      Usage: java -jar unified-storage-emulator.jar [OPTION]...

        --port N             port to listen on, 0 for any free one       [8787]
        --host ADDRESS       address to listen on                        [127.0.0.1]
        --data DIR           folder that everything is kept in           [.data]
        --pipeline-url URL   send events to this HTTP endpoint (a POST of one JSON array a
                             send) and not to the embedded Pipeline      [embedded]
        --roll-interval MS   how often the embedded sink moves the Pipeline's records into
                             the archive, in milliseconds                [2000]
        --faults             allow PUT /faults, which makes the Pipeline fail or this
                             process die on request
        --set NAME=VALUE     set a var of the Worker; may be repeated
        --set-file PATH      the same from a file, a JSON object; --set wins
        --log FORM           text, or json for one object a line: what stores do that start,
                             recover, degrade, catch up or stop          [text]
        --version            show the version and exit
        --help               show this and exit

      Vars: %s
      Who may: ACCESS_TOKEN=secret, which clients then have to bring as "Authorization: Bearer"
      or in the query as access_token; AUTH_JWT_SECRET or AUTH_JWKS_URL, AUTH_ISSUER and
      AUTH_AUDIENCE for JSON Web Tokens; ALLOWED_ORIGINS for pages of other origins. Without any,
      all requests to a loopback address are let in; any other --host answers 401, unless
      PUBLIC=true. Secrets may come from the environment instead, as UNIFIED_STORAGE_ACCESS_TOKEN,
      UNIFIED_STORAGE_AUTH_JWT_SECRET and UNIFIED_STORAGE_ICEBERG_TOKEN; any other variable that
      begins with UNIFIED_STORAGE_ is refused.

      Routes:
        GET  /stores/{namespace}             the store's WebSocket
        GET  /stores/{namespace}/stats       its figures as JSON; /metrics for Prometheus
        GET  /stores/{namespace}/history/{id}  every version of a thing, from the archive
        POST /tickets?namespace={namespace}  a ticket that opens one socket, as ?ticket=
        POST /stores/{namespace}/checkpoint  write everything to SQLite now
        POST /stores/{namespace}/rebuild     rebuild it from the archive
        POST /stores/{namespace}/snapshot    send it whole, so that older rows may go
        POST /pipelines/{stream}             send records: a JSON array of objects
        GET  /pipelines/{stream}?from=0      read them back; the stores' stream is "events"
        GET  /iceberg/...                    the archive's Iceberg REST catalog; its table is
                                             unified_storage.events
        GET  /objects/{bucket}/{key}         the archive's files, also in ranges
        GET  /archive                        how far the log is in the table
        POST /archive/expire?keep=10         forget older snapshots of the table
        POST /archive/erase?before={ms}      erase rows that snapshots of the stores make up for
        POST /archive/erase?namespace={ns}   erase all rows of one store
        GET  /health

      A session (npx wscat -c ws://127.0.0.1:8787/stores/demo), > sent, < received:
        > {"type":"create","id":1,"$type":"Customer","data":{"$id":"c1","name":"Alice"}}
        < {"id":1,"status":"ack","$id":"c1","$version":1}
        > {"type":"read","id":2,"$ids":["c1"]}
        < {"id":2,"status":"ok","things":{"c1":{"$id":"c1","$type":"Customer","$version":1,...}}}

      Files under DIR: stores/{namespace}.sqlite, pipeline/{stream}/*.jsonl (JSON lines),
      warehouse/ and catalog.sqlite (the archive), platform.sqlite (alarms). SIGTERM or Ctrl-C
      writes everything and stops; SIGKILL loses nothing that was acknowledged.

      Exit codes: 0 stopped as asked, 1 could not start, 2 wrong usage.
      """;

  /** What is wrong with a command line, in one sentence. */
  static final class UsageException extends Exception {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
      super(message);
    }
  }

  static CommandLine parse(String... args) throws UsageException {
    return parse(Map.of(), args);
  }

  /**
   * @param environment that of the process, in which secrets may be
   */
  static CommandLine parse(Map<String, String> environment, String... args) throws UsageException {
    Map<String, String> fromFile = new LinkedHashMap<>();
    Deque<String> left = new ArrayDeque<>(List.of(args));
    boolean help = false;
    boolean version = false;
    Map<String, String> vars = new LinkedHashMap<>();
    EmulatorOptions.Builder options =
        EmulatorOptions.builder()
            .port(DEFAULT_PORT)
            .data(Path.of(".data"))
            .onDisk()
            .logForm(LogForm.TEXT);
    while (!left.isEmpty()) {
      String arg = left.poll();
      int equals = arg.startsWith("--") ? arg.indexOf('=') : -1;
      if (equals > 0) {
        left.push(arg.substring(equals + 1));
        arg = arg.substring(0, equals);
      }
      switch (arg) {
        case "--log" -> options.logForm(logForm(value(arg, left)));
        case "--help", "-h" -> help = true;
        case "--version" -> version = true;
        case "--faults" -> options.faults(flag(arg, equals));
        case "--host" -> options.host(value(arg, left));
        case "--port" -> options.port(number(arg, value(arg, left), 0, 65_535));
        case "--data" -> options.data(path(arg, value(arg, left)));
        case "--pipeline-url" -> options.pipelineUrl(url(value(arg, left)));
        case "--roll-interval" ->
            options.rollInterval(
                Duration.ofMillis(number(arg, value(arg, left), 10, 24 * 3_600_000)));
        case "--set" -> addVar(vars, value(arg, left));
        case "--set-file" -> fromFile.putAll(VarsFile.read(path(arg, value(arg, left))));
        default -> throw new UsageException("unknown option " + arg);
      }
    }
    if (!help && !version) {
      addSecrets(environment, vars);
    }
    fromFile.forEach(vars::putIfAbsent);
    vars.forEach(options::var);
    try {
      return new CommandLine(help, version, options.build());
    } catch (IllegalArgumentException e) {
      // Everything else was checked above, each with its option's name.
      throw new UsageException("--set: " + e.getMessage());
    }
  }

  /** A name that is nearly a secret's would leave the server open that it was to close. */
  private static void addSecrets(Map<String, String> environment, Map<String, String> vars)
      throws UsageException {
    for (String name : new TreeSet<>(environment.keySet())) {
      if (!name.startsWith(ENVIRONMENT)) {
        continue;
      }
      String secret = name.substring(ENVIRONMENT.length());
      if (!SECRETS.contains(secret)) {
        throw new UsageException(
            "unknown variable "
                + name
                + " in the environment, the nearest is "
                + ENVIRONMENT
                + VarNames.nearest(secret, SECRETS)
                + "; what is no secret is given by --set");
      }
      vars.putIfAbsent(secret, environment.get(name));
    }
  }

  static String versionText() {
    try (InputStream in = CommandLine.class.getResourceAsStream("version.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String helpText() {
    return HELP.formatted(
        UnifiedStoreConfig.VARS.isEmpty() ? "none" : wrapped(UnifiedStoreConfig.VARS));
  }

  private static String wrapped(List<String> names) {
    StringBuilder text = new StringBuilder();
    int column = 6;
    for (String name : names) {
      if (column + name.length() > 88) {
        text.append("\n      ");
        column = 6;
      }
      text.append(name).append(name.equals(names.get(names.size() - 1)) ? "" : ", ");
      column += name.length() + 2;
    }
    return text.toString();
  }

  private static boolean flag(String option, int equals) throws UsageException {
    if (equals > 0) {
      throw new UsageException(option + " takes no value");
    }
    return true;
  }

  private static String value(String option, Deque<String> left) throws UsageException {
    if (left.isEmpty() || left.peek().isEmpty()) {
      throw new UsageException(option + " needs a value");
    }
    return left.poll();
  }

  private static int number(String option, String text, int least, int most) throws UsageException {
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below, with what is out of range.
    }
    throw new UsageException(
        option + " needs a whole number from " + least + " to " + most + ", found " + text);
  }

  private static LogForm logForm(String text) throws UsageException {
    return switch (text) {
      case "text" -> LogForm.TEXT;
      case "json" -> LogForm.JSON;
      default -> throw new UsageException("--log needs text or json, found " + text);
    };
  }

  private static Path path(String option, String text) throws UsageException {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new UsageException(option + " needs a path, found " + text);
    }
  }

  private static URI url(String text) throws UsageException {
    try {
      URI url = new URI(text);
      boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      if (http && url.getHost() != null) {
        return url;
      }
    } catch (URISyntaxException e) {
      // Said below.
    }
    throw new UsageException("--pipeline-url needs an http or https URL, found " + text);
  }

  private static void addVar(Map<String, String> vars, String text) throws UsageException {
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw new UsageException("--set needs NAME=VALUE, found " + text);
    }
    vars.put(text.substring(0, equals), text.substring(equals + 1));
  }
}
