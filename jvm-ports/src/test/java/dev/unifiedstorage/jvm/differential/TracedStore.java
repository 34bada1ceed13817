package dev.unifiedstorage.jvm.differential;

import dev.unifiedstorage.fixture.FakeArchive;
import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.FakeTime;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.HttpHeaders;
import dev.unifiedstorage.port.Ids;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.PipelineRecord;
import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.port.SqlCursor;
import dev.unifiedstorage.port.SqlStorage;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.store.HttpRequest;
import dev.unifiedstorage.store.StorePorts;
import dev.unifiedstorage.store.UnifiedStore;
import dev.unifiedstorage.store.UnifiedStoreConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A store that is led through a {@link Trace}, everything it says being written down.
 *
 * <p>{@code js-glue/test/replay.js} is its twin around the compiled core, step by step. What the
 * host words differently is left out on both sides: the message of a parse error, and rows written,
 * which every database counts for itself.
 */
final class TracedStore {
  private static final Pattern PARSE_ERROR =
      Pattern.compile("(\"code\":\"PARSE_ERROR\",\"(?:error|message)\":)\"(?:[^\"\\\\]|\\\\.)*\"");
  private static final Pattern ROWS_WRITTEN =
      Pattern.compile("\"rowsWritten\":[^,}]*|\"cost\":\\{[^}]*\\}");

  /** As long as WorkerStore lets a failed start stand. */
  private static final double RETRY_MS = 1000;

  private static final List<String> TABLES =
      List.of(
          "segments:slot,kind,tx,epoch,first_seq,last_seq,sum,head,body",
          "collections:type,tx,sum,head,body",
          "things:id,type,sum,line");

  private final Trace trace;
  private final Json json;
  private final SqlStorage sql;
  private final boolean recordsAsObjects;
  private final FakeTime time = new FakeTime();
  private final FakePipeline pipeline;
  private final FakeArchive archive;
  private final List<String> transcript = new ArrayList<>();
  private UnifiedStore store;
  private int instance;
  private int life;
  private boolean failed;
  private double failedAtMs;
  private int ids;

  /**
   * @param recordsAsObjects whether the Pipeline takes records as objects, as the Worker's does
   */
  TracedStore(Trace trace, Json json, SqlStorage sql, boolean recordsAsObjects) {
    this.trace = trace;
    this.json = json;
    this.sql = sql;
    this.recordsAsObjects = recordsAsObjects;
    pipeline = new FakePipeline(json);
    archive = new FakeArchive(json);
    archive.follow(pipeline);
  }

  List<String> run() {
    start();
    for (List<String> step : trace.steps()) {
      try {
        step(step.get(0), step.size() > 1 ? step.get(1) : "", step.size() > 2 ? step.get(2) : "");
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + trace.seed() + ": " + step, e);
      }
    }
    return transcript;
  }

  private void step(String name, String first, String second) {
    switch (name) {
      case "say" -> say(first);
      case "wait" -> time.advance(Integer.parseInt(first));
      case "restart" -> start();
      case "pipeline" -> pipeline.setMode(FakePipeline.Mode.valueOf(first));
      case "release" -> pipeline.releaseHeld();
      case "http" -> http(first, second, "");
      case "requests" -> http("POST", "/stores/test/requests", first);
      case "alarm" -> current().onAlarm();
      case "closed" -> current().onConnectionClosed(Integer.parseInt(first));
      case "save" -> store.beforeHibernation(noted("saved"));
      case "rows" -> rows();
      case "timers" -> transcript.add("timers " + time.armed());
      default -> throw new IllegalArgumentException(name);
    }
  }

  private void start() {
    instance++;
    time.forgetTimers();
    pipeline.senderCrashed(instance % 2 == 0);
    open(noted("started"));
  }

  private void open(Completion done) {
    life++;
    failed = false;
    StorePorts ports =
        StorePorts.builder(new Platform(json, time, timers(), countedIds(), observer()), "writer")
            .pipeline(this::send)
            .sql(sql)
            .archive(trace.archive() ? archive : null)
            .build();
    store = new UnifiedStore(UnifiedStoreConfig.fromVars("test", trace.vars()), ports);
    store.onStart(
        new Completion() {
          @Override
          public void succeeded() {
            done.succeeded();
          }

          @Override
          public void failed(String error) {
            startFailed();
            done.failed(error);
          }
        });
  }

  private void startFailed() {
    failed = true;
    failedAtMs = time.nowMs();
  }

  /** The store, made anew when its start failed a while ago, as the Worker's adapter does. */
  private UnifiedStore current() {
    if (!failed && store.isFailed()) {
      startFailed();
    }
    if (failed && time.nowMs() - failedAtMs >= RETRY_MS) {
      open(new NobodyAsked());
    }
    return store;
  }

  private static final class NobodyAsked implements Completion {
    @Override
    public void succeeded() {}

    @Override
    public void failed(String error) {}
  }

  /** The same, while the store that asked for it is the one in charge. */
  private Runnable whileAlive(Runnable task) {
    int mine = life;
    return () -> {
      if (mine == life) {
        task.run();
      }
    };
  }

  private Completion noted(String what) {
    int mine = instance;
    return new Completion() {
      @Override
      public void succeeded() {
        note(what);
      }

      @Override
      public void failed(String error) {
        note("not " + what);
      }

      private void note(String text) {
        if (mine == instance) {
          transcript.add(text);
        }
      }
    };
  }

  private Timers timers() {
    return new Timers() {
      @Override
      public Timer after(double delayMs, Runnable task) {
        return time.after(delayMs, whileAlive(task));
      }

      @Override
      public void setAlarm(double epochMs) {
        transcript.add("alarm at " + json.writer().number(epochMs).text());
        time.setAlarm(epochMs);
      }
    };
  }

  private Ids countedIds() {
    return new Ids() {
      @Override
      public String uuid() {
        String digits = Integer.toString(++ids);
        return "00000000-0000-4000-8000-" + "0".repeat(12 - digits.length()) + digits;
      }

      @Override
      public String thingId(String type) {
        return type.toLowerCase(Locale.ROOT) + "_" + uuid();
      }
    };
  }

  private StoreObserver observer() {
    return new StoreObserver() {
      @Override
      public void info(String message) {}

      @Override
      public void warning(String message) {
        transcript.add("warning");
      }

      @Override
      public void error(String message) {
        transcript.add("error");
      }
    };
  }

  private void send(List<? extends PipelineRecord> records, Completion completion) {
    for (PipelineRecord record : records) {
      JsonWriter writer = json.writer();
      if (recordsAsObjects) {
        writer.object(record.toObject(json));
      } else {
        record.writeTo(writer);
      }
      transcript.add("send " + writer.text());
    }
    int mine = life;
    pipeline.send(
        records,
        new Completion() {
          @Override
          public void succeeded() {
            if (mine == life) {
              completion.succeeded();
            }
          }

          @Override
          public void failed(String error) {
            if (mine == life) {
              completion.failed(error);
            }
          }
        });
  }

  private void say(String message) {
    int mine = instance;
    current()
        .onMessage(
            reply -> {
              if (mine == instance) {
                transcript.add("reply " + PARSE_ERROR.matcher(reply).replaceAll("$1\"\""));
              }
            },
            message);
  }

  private void http(String method, String target, String body) {
    int mine = instance;
    current()
        .onRequest(
            new HttpRequest(Route.parse(method, target, false), HttpHeaders.NONE, body),
            (status, type, text) -> {
              if (mine == instance) {
                String kept = ROWS_WRITTEN.matcher(text).replaceAll("");
                kept = PARSE_ERROR.matcher(kept).replaceAll("$1\"\"");
                transcript.add("http " + status + " " + type + " " + kept);
              }
            });
  }

  private void rows() {
    List<String> existing = new ArrayList<>();
    SqlCursor names = sql.exec("SELECT name FROM sqlite_master WHERE type = 'table'");
    while (names.next()) {
      existing.add(names.text(0));
    }
    for (String table : TABLES) {
      String name = table.substring(0, table.indexOf(':'));
      if (existing.contains(name)) {
        String[] columns = table.substring(name.length() + 1).split(",");
        String quoted = "quote(" + String.join(") || '|' || quote(", columns) + ")";
        SqlCursor rows = sql.exec("SELECT " + quoted + " FROM " + name + " ORDER BY " + columns[0]);
        while (rows.next()) {
          transcript.add("row " + name + " " + rows.text(0));
        }
      }
    }
  }
}
