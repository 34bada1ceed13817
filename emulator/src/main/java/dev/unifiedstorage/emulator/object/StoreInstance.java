package dev.unifiedstorage.emulator.object;

import dev.unifiedstorage.emulator.archive.ArchiveReader;
import dev.unifiedstorage.jvm.UuidIds;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.jvm.sqlite.SqliteStorage;
import dev.unifiedstorage.jvm.time.Scheduler;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.Peer;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.port.Siblings;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.OneReply;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.store.StorePorts;
import dev.unifiedstorage.store.UnifiedStore;
import dev.unifiedstorage.store.UnifiedStoreConfig;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * One life of a store in memory, with the ports it was given.
 *
 * <p>Whatever a port has to say is posted onto the object's event loop, and is not said at all once
 * the store was dropped: a late answer belongs to a life that is over.
 */
final class StoreInstance implements Timers {
  private final EmulatedDurableObject object;
  private final Scheduler scheduler;
  private final Consumer<Double> alarm;
  private final SqliteStorage sql;
  private final ArchiveReader archive;
  private final Json json = new JsoniterJson();
  private final UnifiedStore store;
  private final IntConsumer waiting;
  private int unanswered;
  private int armedTimers;
  private boolean dropped;

  /**
   * @param alarm sets the object's alarm
   */
  StoreInstance(
      EmulatedDurableObject object, String namespace, ObjectHost host, Consumer<Double> alarm) {
    this.object = object;
    this.scheduler = host.scheduler();
    this.alarm = alarm;
    this.waiting = host.waiting();
    StoreObserver observer = host.observers().apply(namespace);
    sql = new SqliteStorage("namespace \"" + namespace + "\"", host.files().file(namespace));
    Pipeline pipeline = host.pipeline().apply(json);
    archive = host.archive() == null ? null : host.archive().apply(this::post);
    store =
        new UnifiedStore(
            UnifiedStoreConfig.fromVars(namespace, host.vars()),
            StorePorts.builder(
                    new Platform(json, scheduler, this, new UuidIds(), observer), host.writer())
                .pipeline((records, completion) -> pipeline.send(records, onLoop(completion)))
                .sql(sql)
                .archive(archive)
                .visitors(object.visitors())
                .siblings(this::tell)
                .directory(host.directory())
                .tracer(OpenTelemetryTracer.global())
                .build());
  }

  private void tell(String namespace, String text, Siblings.Answer answer) {
    object
        .siblings()
        .tell(
            namespace,
            text,
            new Siblings.Answer() {
              @Override
              public void answered(String reply) {
                post(() -> answer.answered(reply));
              }

              @Override
              public void failed(String error) {
                post(() -> answer.failed(error));
              }
            });
  }

  UnifiedStore store() {
    return store;
  }

  /**
   * Hands a message over. Its sender is answered once, also when the store breaks over it; the
   * exception then comes out all the same, for the log.
   */
  void message(Connection sender, String text) {
    Connection reply = new OneReply(counted(sender));
    try {
      if (!store.onMessage(reply, text)) {
        unanswered(sender);
      }
    } catch (RuntimeException | Error e) {
      Refusal refusal = Refusal.of(ErrorCode.INTERNAL_ERROR, "the store failed: " + e);
      reply.send(new ReplyWriter(json).refusal(text, refusal));
      throw e;
    }
  }

  /** The sender, told of its answer, and counted as waiting if time has to go on for it. */
  private Connection counted(Connection sender) {
    if (!(sender instanceof ClientSocket socket)) {
      return sender;
    }
    boolean waits = socket.waitsForTime();
    if (waits) {
      unanswered++;
      waiting.accept(1);
    }
    return new Connection() {
      private boolean several;

      @Override
      public Peer peer() {
        return socket;
      }

      @Override
      public void beginsFrame() {
        several = true;
      }

      @Override
      public void endsFrame() {
        answered(socket, waits);
      }

      @Override
      public void send(String text) {
        sender.send(text);
        if (!several) {
          answered(socket, waits);
        }
      }
    };
  }

  /** No answer comes: the socket was closed over the message. */
  private void unanswered(Connection sender) {
    if (sender instanceof ClientSocket socket) {
      answered(socket, socket.waitsForTime());
    }
  }

  private void answered(ClientSocket socket, boolean waits) {
    if (waits && !dropped) {
      unanswered--;
      waiting.accept(-1);
    }
    socket.answered();
  }

  /** Whether nothing is under way, so that memory can be given up without losing anything. */
  boolean isIdle() {
    return armedTimers == 0 && store.isIdle();
  }

  /** Ends this life: no port calls back any more, and the file is closed. */
  void drop() {
    dropped = true;
    waiting.accept(-unanswered);
    unanswered = 0;
    if (archive != null) {
      archive.cancelAll();
    }
    sql.close();
  }

  /** The same completion, called on the event loop and only while this store lives. */
  Completion onLoop(Completion completion) {
    return new Completion() {
      @Override
      public void succeeded() {
        post(completion::succeeded);
      }

      @Override
      public void failed(String error) {
        post(() -> completion.failed(error));
      }
    };
  }

  @Override
  public Timer after(double delayMs, Runnable task) {
    ArmedTimer timer = new ArmedTimer(task);
    armedTimers++;
    timer.waiting = scheduler.after((long) Math.ceil(delayMs), () -> post(timer));
    return timer;
  }

  @Override
  public void setAlarm(double epochMs) {
    alarm.accept(epochMs);
    sql.countRow();
  }

  private void post(Runnable task) {
    object.post(
        () -> {
          if (!dropped) {
            task.run();
          }
        });
  }

  /** A timer, counted as armed until it has run or is cancelled. */
  private final class ArmedTimer implements Timer, Runnable {
    private final Runnable task;
    private Scheduler.Task waiting;
    private boolean over;

    ArmedTimer(Runnable task) {
      this.task = task;
    }

    @Override
    public void run() {
      if (end()) {
        task.run();
      }
    }

    @Override
    public void cancel() {
      if (end()) {
        waiting.cancel();
      }
    }

    private boolean end() {
      if (over) {
        return false;
      }
      over = true;
      armedTimers--;
      return true;
    }
  }
}
