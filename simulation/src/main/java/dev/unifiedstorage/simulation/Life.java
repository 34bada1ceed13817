package dev.unifiedstorage.simulation;

import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.HttpHeaders;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.Ids;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.PipelineRecord;
import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.store.HttpRequest;
import dev.unifiedstorage.store.StorePorts;
import dev.unifiedstorage.store.UnifiedStore;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One instance of the store in memory, and its ports.
 *
 * <p>A crash is an error thrown out of a port call; from then on every port of this life throws it
 * again, so that nothing the dead store still does reaches the world.
 */
final class Life {
  private static final Route STATS =
      Route.parse("GET", "/stores/" + World.NAMESPACE + "/stats", false);

  private static final DateTimeFormatter ISO =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  /** The death of a life, on its way out of the store. */
  private static final class Crash extends Error {
    Crash() {
      super("crash", null, false, false);
    }
  }

  final World world;
  final Setup setup;
  final int number;
  final UnifiedStore store;

  /** Requests that wait for their reply. */
  final Map<String, Request> open = new LinkedHashMap<>();

  final EarlyRequests early;

  /** The early requests were carried out, on an empty store. */
  boolean beganEmpty;

  /** How many events there have been in this life. */
  long events;

  /** Where this life's log stands, as the model knows it. */
  Model.Head head;

  /** Whether a start or a rebuild has ended and the state was not looked at yet. */
  boolean recovered;

  boolean running;
  boolean rebuilding;

  /** Another instance has taken over. */
  boolean stale;

  /** The platform has told it so. */
  boolean told;

  /** The file was put back to an earlier copy under it, and it was not told. */
  boolean deceived;

  /** Something went wrong that may make the store refuse. */
  boolean troubled;

  /** The epoch that it was in after its last event. */
  double seenEpoch;

  /** The epoch of the last event that it found when it began. */
  double recoveredEpoch;

  /** The restore that it was asked for and has not answered; null when there is none. */
  Whole.Restore restore;

  /** How many histories over HTTP wait for their answer. */
  int histories;

  /** What it knows of sessions, by their names. */
  final Map<String, SessionMemory> sessions = new HashMap<>();

  /** The numbers that it has refused and not used up, with their codes. */
  final Set<String> refused = new HashSet<>();

  /** The first number of a session that it has refused for itself, and not carried out since. */
  final Map<String, Integer> blocked = new HashMap<>();

  boolean committed;

  /** What was undone and is not in the way of any commit yet. */
  final List<Model.Node> undone = new ArrayList<>();

  int armed;

  /** The last life that it has claimed, and its epoch. */
  private double claimedLife;

  private double claimedEpoch;
  private double claimedAtMs;
  private double emptiedLife;
  private boolean alive = true;

  Life(World world, int number) {
    this.world = world;
    this.setup = world.setup;
    this.number = number;
    head = world.model.root();
    early = new EarlyRequests(this);
    store = new UnifiedStore(setup.config(), world.lies.apply(ports()));
  }

  private StorePorts ports() {
    return StorePorts.builder(
            new Platform(world.json, clock(world), new LifeTimers(), ids(), observer(this::note)),
            "writer")
        .pipeline(pipeline())
        .deadLetters(setup.deadLetters() ? deadLetters() : null)
        .sendEvents(setup.sendEvents())
        .sql(new LifeSql(this))
        .siblings(world.forks)
        .archive(setup.archive() ? world.sink.reader(this) : null)
        .build();
  }

  boolean alive() {
    return alive;
  }

  /** Whether what it says counts for nothing. */
  boolean isOver() {
    return stale || deceived;
  }

  /** A commit of its own has left this. */
  void claimed(Rows reach) {
    claimedLife = reach.life();
    claimedEpoch = reach.epoch();
    claimedAtMs = reach.claimMs();
    emptiedLife = reach.emptiedLife();
    // Not behind the event: a deletion of the store within it claims another life.
    for (Model.Node node = head.tip(); node.parent != null && node.life == 0; node = node.parent) {
      node.life = lifeOf(node.epoch);
    }
  }

  double claimedEpoch() {
    return claimedEpoch;
  }

  double claimedAtMs() {
    return claimedAtMs;
  }

  /** The life that its last commit says the store was deleted with; 0 for none. */
  double emptiedLife() {
    return emptiedLife;
  }

  /** The life that it writes an epoch in; 0 when no commit has claimed one. */
  double lifeOf(double epoch) {
    return epoch == claimedEpoch ? claimedLife : 0;
  }

  void die() {
    alive = false;
  }

  /** Runs something of the platform's in this life, if it still lives, and looks at it after. */
  void event(Runnable body) {
    if (!alive) {
      return;
    }
    events++;
    try {
      body.run();
    } catch (Crash e) {
      world.crashed(this);
      return;
    } catch (RuntimeException e) {
      throw new Violation("no exception escapes", Violation.told(e));
    }
    if (alive) {
      world.checkers.afterEvent(this);
    }
  }

  void start() {
    event(
        () ->
            store.onStart(
                world.sockets(this),
                new Completion() {
                  @Override
                  public void succeeded() {
                    running = true;
                    recovered = true;
                  }

                  @Override
                  public void failed(String error) {
                    note("start failed: " + error);
                  }
                }));
  }

  /** The statistics, as the store's own route gives them. */
  JsonObject stats() {
    return world.json.parse(statsText());
  }

  String statsText() {
    String[] body = new String[1];
    store.onRequest(STATS, (status, type, text) -> body[0] = text);
    return body[0];
  }

  /** Whether it began as a new store does. */
  boolean foundNothing() {
    return stats().object("recovery").string("source").equals("empty");
  }

  /** Whether there are more events than this life was asked for. */
  boolean hasMoved() {
    return stats().number("appliedSeq") > head.tip().seq;
  }

  /** Whether it can be asked for something of the store as a whole now. */
  boolean answers() {
    return alive && running && !rebuilding && !isOver();
  }

  /** Asks for something with a body, and notes that and the answer. */
  void post(String action, String message, HttpReply reply) {
    String path = "/stores/" + World.NAMESPACE + "/" + action;
    note("POST " + path + " " + message);
    HttpRequest request =
        new HttpRequest(Route.parse("POST", path, false), HttpHeaders.NONE, message);
    event(
        () ->
            store.onRequest(
                request,
                (status, type, body) -> {
                  note(action + " answered " + status + " " + body);
                  reply.send(status, type, body);
                }));
  }

  void post(String action, HttpReply reply) {
    event(
        () ->
            store.onRequest(
                Route.parse("POST", "/stores/" + World.NAMESPACE + "/" + action, false), reply));
  }

  void before(PortCall call) {
    point(call, true);
  }

  void after(PortCall call) {
    point(call, false);
  }

  private void point(PortCall call, boolean before) {
    requireAlive();
    if (call == PortCall.SEND || call == PortCall.STATEMENT) {
      world.replies.carriesOut(this);
    }
    if (world.faults.crashesNow(call, before)) {
      note("crash " + (before ? "before " : "after ") + call);
      alive = false;
      throw new Crash();
    }
  }

  void requireAlive() {
    if (!alive) {
      throw new Crash();
    }
  }

  void note(String line) {
    world.trace.note(
        (long) world.time.nowMs() + (stale ? " stale life " : " life ") + number + ": " + line);
  }

  // ---- ports

  /** What a store of the world is told that the time is. */
  static Clock clock(World world) {
    return new Clock() {
      @Override
      public double nowMs() {
        return world.time.wallMs();
      }

      @Override
      public String iso(double epochMs) {
        return ISO.format(Instant.ofEpochMilli((long) epochMs));
      }
    };
  }

  private final class LifeTimers implements Timers {
    @Override
    public Timer after(double delayMs, Runnable task) {
      before(PortCall.TIMER);
      boolean[] over = {false};
      armed++;
      VirtualTime.Task armedTask =
          world.time.after(
              delayMs,
              () -> {
                over[0] = true;
                armed--;
                event(task);
              });
      Life.this.after(PortCall.TIMER);
      return () -> {
        if (!over[0]) {
          over[0] = true;
          armed--;
          armedTask.cancel();
        }
      };
    }

    @Override
    public void setAlarm(double epochMs) {
      before(PortCall.ALARM);
      if (stale) {
        told = true;
        return;
      }
      world.setAlarm(epochMs);
      Life.this.after(PortCall.ALARM);
    }
  }

  private Pipeline pipeline() {
    return (records, completion) -> {
      before(PortCall.SEND);
      List<String> texts = new ArrayList<>();
      for (PipelineRecord record : records) {
        JsonWriter writer = world.json.writer();
        record.writeTo(writer);
        texts.add(writer.text());
      }
      note("send " + texts.size());
      if (texts.size() > world.largestRequest) {
        throw new Violation("bounds are kept", "a send of " + texts.size() + " records");
      }
      world.stream.send(this, texts, completion);
      after(PortCall.SEND);
    };
  }

  private Pipeline deadLetters() {
    return (records, completion) -> {
      before(PortCall.SEND);
      if (world.faults.deadLettersFail()) {
        completion.failed("the dead letters are refused");
      } else {
        completion.succeeded();
      }
      after(PortCall.SEND);
    };
  }

  private Ids ids() {
    return new Ids() {
      @Override
      public String uuid() {
        world.replies.carriesOut(Life.this);
        return world.model.nextUuid();
      }

      @Override
      public double number() {
        return world.nextNumber();
      }

      @Override
      public String thingId(String type) {
        return type.toLowerCase(Locale.ROOT) + "_" + uuid();
      }
    };
  }

  /** What a store of the world logs goes into its trace. */
  static StoreObserver observer(Consumer<String> note) {
    return new StoreObserver() {
      @Override
      public void info(String message) {
        note.accept("info: " + message);
      }

      @Override
      public void warning(String message) {
        note.accept("warning: " + message);
      }

      @Override
      public void error(String message) {
        note.accept("error: " + message);
      }
    };
  }
}
