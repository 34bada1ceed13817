package dev.unifiedstorage.emulator;

import dev.unifiedstorage.access.AccessSettings;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.store.UnifiedStoreConfig;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * How an emulator is set up; {@link #builder()} knows the defaults.
 *
 * @param host the address to listen on
 * @param port the port to listen on, 0 for any free one
 * @param data the folder that everything is kept in; null for a temporary one, which is deleted at
 *     the end
 * @param inMemory whether the Pipeline and the archive are kept in memory, and end with the
 *     emulator: what objects have in SQLite is on disk all the same
 * @param pipelineUrl where events are POSTed to in place of the embedded Pipeline, which leaves no
 *     archive; null for the embedded one
 * @param rollIntervalMs how often the embedded sink moves what the Pipeline has into the archive,
 *     in milliseconds; in memory, how long after its acceptance an event shows in the archive
 * @param virtualStart what the clock says at first, when time is to move only by {@link
 *     Emulator#advance}; null for the machine's clock
 * @param faults whether {@code PUT /faults} exists
 * @param vars the Worker's vars, by name, those about access aside
 * @param access the vars about access, by name: what clients have to bring
 * @param log where the emulator says what an operator should know, a line a message
 * @param logForm how
 */
public record EmulatorOptions(
    String host,
    int port,
    Path data,
    boolean inMemory,
    URI pipelineUrl,
    int rollIntervalMs,
    Instant virtualStart,
    boolean faults,
    Map<String, String> vars,
    Map<String, String> access,
    PrintStream log,
    LogForm logForm) {

  private static final int LEAST_ROLL_INTERVAL_MS = 10;
  private static final int MOST_ROLL_INTERVAL_MS = 24 * 3_600_000;

  /**
   * @throws IllegalArgumentException when a value is out of its range, or a var is unknown or wrong
   */
  public EmulatorOptions {
    if (host == null || log == null || logForm == null) {
      throw new IllegalArgumentException(
          "expected a host, a log and its form, found " + host + ", " + log + " and " + logForm);
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port: expected 0 to 65535, found " + port);
    }
    if (rollIntervalMs < LEAST_ROLL_INTERVAL_MS || rollIntervalMs > MOST_ROLL_INTERVAL_MS) {
      throw new IllegalArgumentException(
          "rollIntervalMs: expected "
              + LEAST_ROLL_INTERVAL_MS
              + " to "
              + MOST_ROLL_INTERVAL_MS
              + ", found "
              + rollIntervalMs);
    }
    vars = Map.copyOf(vars);
    access = Map.copyOf(access);
    AccessSettings.fromVars(access);
    UnifiedStoreConfig config = UnifiedStoreConfig.fromVars("check", vars);
    config.check(new JsoniterJson());
  }

  /** The same on another port, 0 for any free one. */
  public EmulatorOptions onPort(int other) {
    return new EmulatorOptions(
        host,
        other,
        data,
        inMemory,
        pipelineUrl,
        rollIntervalMs,
        virtualStart,
        faults,
        vars,
        access,
        log,
        logForm);
  }

  /** Who may: where nothing is asked for, clients of this machine, or all by order. */
  AccessSettings accessSettings() {
    AccessSettings settings = AccessSettings.fromVars(access);
    return isLoopback() ? settings.opened() : settings;
  }

  /** Whether it is that it listens on this machine alone which keeps others out. */
  boolean isKeptByLoopback() {
    AccessSettings settings = AccessSettings.fromVars(access);
    return isLoopback() && !settings.asks() && !settings.open();
  }

  /** Says nothing of a secret. */
  @Override
  public String toString() {
    return "EmulatorOptions[host=" + host + ", port=" + port + ", data=" + data + "]";
  }

  private boolean isLoopback() {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      // The server cannot listen there either.
      return false;
    }
  }

  /**
   * Options of an emulator inside a program: any free port of 127.0.0.1, a temporary folder, the
   * Pipeline and the archive in memory, the machine's clock, a roll interval of 2 s, no vars, and a
   * quiet log on {@code System.err}.
   */
  public static Builder builder() {
    return new Builder();
  }

  /** Options under construction; every method gives the builder back. */
  public static final class Builder {
    private final Map<String, String> vars = new HashMap<>();
    private String host = "127.0.0.1";
    private int port;
    private Path data;
    private boolean inMemory = true;
    private URI pipelineUrl;
    private int rollIntervalMs = 2_000;
    private Instant virtualStart;
    private boolean faults;
    private final Map<String, String> access = new HashMap<>();
    private PrintStream log = System.err;
    private LogForm logForm = LogForm.QUIET;

    private Builder() {}

    /** The address to listen on. Default {@code 127.0.0.1}. */
    public Builder host(String address) {
      this.host = address;
      return this;
    }

    /** The port to listen on. Default 0: any free one. */
    public Builder port(int number) {
      this.port = number;
      return this;
    }

    /** The folder that everything is kept in. Default: a temporary one, deleted at the end. */
    public Builder data(Path folder) {
      this.data = folder;
      return this;
    }

    /** Keeps the Pipeline and the archive in memory. This is the default. */
    public Builder inMemory() {
      this.inMemory = true;
      return this;
    }

    /**
     * Keeps the Pipeline as a log on disk and the archive as an Iceberg table, as the program does.
     * Needs the artifact {@code unified-storage-iceberg} on the class path.
     */
    public Builder onDisk() {
      this.inMemory = false;
      return this;
    }

    /** Sends events to an HTTP endpoint, a POST of one JSON array a send; there is no archive. */
    public Builder pipelineUrl(URI url) {
      this.pipelineUrl = url;
      return this;
    }

    /** How long an accepted event takes to the archive at most. Default 2 s; 10 ms to 24 h. */
    public Builder rollInterval(Duration interval) {
      this.rollIntervalMs = Math.toIntExact(interval.toMillis());
      return this;
    }

    /** Time moves only by {@link Emulator#advance}, and begins at 2026-01-01T00:00:00Z. */
    public Builder virtualClock() {
      return virtualClock(Instant.parse("2026-01-01T00:00:00Z"));
    }

    /** Time moves only by {@link Emulator#advance}, and begins at {@code start}. */
    public Builder virtualClock(Instant start) {
      this.virtualStart = start;
      return this;
    }

    /** Time is the machine's. This is the default. */
    public Builder realClock() {
      this.virtualStart = null;
      return this;
    }

    /** Whether {@code PUT /faults} exists. Default false; {@link Emulator#faults} always does. */
    public Builder faults(boolean settable) {
      this.faults = settable;
      return this;
    }

    /** Sets a var of the Worker, such as {@code DURABILITY}; all are the same here. */
    public Builder var(String name, String value) {
      boolean aboutAccess = AccessSettings.VARS.contains(name);
      (aboutAccess ? access : vars).put(name, value);
      return this;
    }

    /** What clients have to bring. Default null: nothing. */
    public Builder accessToken(String token) {
      return var("ACCESS_TOKEN", token == null ? "" : token);
    }

    /** Lets clients from other machines in without a token, when {@link #host} is reachable. */
    public Builder isPublic(boolean everybody) {
      return var("PUBLIC", Boolean.toString(everybody));
    }

    /** Where the emulator says what an operator should know. Default {@code System.err}. */
    public Builder log(PrintStream out) {
      this.log = out;
      return this;
    }

    /** How it says it. Default {@link LogForm#QUIET}. */
    public Builder logForm(LogForm form) {
      this.logForm = form;
      return this;
    }

    /**
     * The options.
     *
     * @throws IllegalArgumentException when a value is out of its range, or a var is unknown or
     *     wrong
     */
    public EmulatorOptions build() {
      return new EmulatorOptions(
          host,
          port,
          data,
          inMemory,
          pipelineUrl,
          rollIntervalMs,
          virtualStart,
          faults,
          vars,
          access,
          log,
          logForm);
    }
  }
}
