package dev.unifiedstorage.emulator.object;

import dev.unifiedstorage.access.Admission;
import dev.unifiedstorage.access.Visitors;
import dev.unifiedstorage.checkpoint.CheckpointOutcome;
import dev.unifiedstorage.checkpoint.CheckpointStats;
import dev.unifiedstorage.checkpoint.Trigger;
import dev.unifiedstorage.jvm.UuidIds;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.jvm.time.Scheduler;
import dev.unifiedstorage.past.ArchiveReport;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.HttpBody;
import dev.unifiedstorage.port.HttpHeaders;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.Siblings;
import dev.unifiedstorage.port.SqlException;
import dev.unifiedstorage.port.StoreObserver;
import dev.unifiedstorage.port.Timers;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Health;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.store.HttpRequest;
import dev.unifiedstorage.store.UnifiedStore;
import dev.unifiedstorage.store.UnifiedStoreConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * One Durable Object: an event loop, its sockets, and a store that comes and goes.
 *
 * <p>The first message or request builds the store. After {@value #HIBERNATE_AFTER_MS} ms without a
 * message, a request, a timer or a send under way, the store is dropped and its file closed, and
 * the sockets stay: hibernation. A store that failed answers with its reason for a moment, as core
 * says; the next event behind that builds another.
 *
 * <p>Methods that are not marked as the event loop's may be called from any thread.
 */
public final class EmulatedDurableObject implements Mailbox.Owner {
  /** As long as the platform waits, about. */
  public static final long HIBERNATE_AFTER_MS = 10_000;

  private static final long LOOK_AGAIN_MS = 1_000;
  private static final long ALARM_RETRY_MS = 2_000;
  private static final int ALARM_TRIES = 6;
  private static final int GOING_AWAY = 1001;

  private enum Phase {
    ASLEEP,
    STARTING,
    AWAKE
  }

  private final String namespace;
  private final ObjectHost host;
  private final Siblings siblings;
  private final Consumer<String> forget;
  private final Scheduler scheduler;
  private final StoreObserver observer;
  private final Mailbox mailbox;

  /** Sockets that are open or about to be. */
  private final AtomicInteger visits = new AtomicInteger();

  /** That of the store at the end of the last turn; null while there is none. */
  private volatile Health health;

  // Everything below belongs to the event loop.
  private final Set<ClientSocket> sockets = new LinkedHashSet<>();
  private final List<ClientSocket> toFlush = new ArrayList<>();
  private final List<Consumer<UnifiedStore>> participants = new ArrayList<>();
  private final Visitors visitors;
  private Phase phase = Phase.ASLEEP;
  private StoreInstance instance;
  private final Set<HttpReply> openRequests = new LinkedHashSet<>();
  private boolean active;
  private boolean stopped;
  private long lastActiveMs;
  private Scheduler.Task armedAlarm;

  /**
   * @param forget called on the event loop when the object sleeps and has no sockets
   */
  /**
   * @param siblings the other objects
   * @param forget told when nothing of this one is left in memory
   */
  EmulatedDurableObject(
      String namespace, ObjectHost host, Siblings siblings, Consumer<String> forget) {
    this.namespace = namespace;
    this.siblings = siblings;
    this.forget = forget;
    this.host = host;
    this.scheduler = host.scheduler();
    this.observer = host.observers().apply(namespace);
    this.mailbox = new Mailbox(host.executor(), this, System::nanoTime);
    this.visitors =
        new Visitors(
            namespace,
            host.access().apply(this::post),
            UnifiedStoreConfig.fromVars(namespace, host.vars()).visitLimits(),
            () -> List.copyOf(sockets),
            scheduler,
            new LoopTimers(),
            new UuidIds(),
            new JsoniterJson());
  }

  /** How well its store is; null while it sleeps. */
  Health health() {
    return health;
  }

  /** The event loop's: the clients, who stay when the store comes and goes. */
  Visitors visitors() {
    return visitors;
  }

  /** The other objects, whose answers come on their event loops. */
  Siblings siblings() {
    return siblings;
  }

  /** Hands over what another object tells this one; it is answered on this one's event loop. */
  void told(String text, Siblings.Answer answer) {
    mailbox.offer(
        () -> {
          if (stopped) {
            answer.failed("the emulator stops");
            return;
          }
          active = true;
          UnifiedStore store = awake();
          if (store.isFailed()) {
            answer.failed(store.failure());
          } else {
            store.onTold(text, answer::answered);
          }
        },
        text.length());
  }

  /** Has one take part in every life of the store, from the present one on. */
  void join(Consumer<UnifiedStore> one) {
    mailbox.post(
        () -> {
          participants.add(one);
          if (phase != Phase.ASLEEP) {
            one.accept(instance.store());
          }
        });
  }

  /** Asks the store; {@code failed} is told why it was not, or what the question threw. */
  void ask(Consumer<UnifiedStore> question, Consumer<RuntimeException> failed) {
    mailbox.offer(
        () -> {
          if (stopped) {
            failed.accept(new IllegalStateException("the emulator stops"));
            return;
          }
          try {
            question.accept(awake());
          } catch (RuntimeException e) {
            failed.accept(e);
          }
        },
        0);
  }

  /**
   * Hands over what was found of it in the archive; one that sleeps is not woken, nor kept awake.
   */
  void archiveLooked(ArchiveReport report) {
    mailbox.offer(
        () -> {
          if (phase == Phase.AWAKE && !stopped) {
            instance.store().onArchive(report);
          }
        },
        0);
  }

  /** Hands a request of HTTP over; {@code reply} is called once, on the event loop. */
  public void request(HttpRequest request, HttpReply reply) {
    if (!mailbox.hasRoom()) {
      Json json = new JsoniterJson();
      String message = "too many requests wait for this object; try again";
      ReplyWriter.refuse(reply, Refusal.overloaded(message, json), json);
      return;
    }
    mailbox.offer(() -> handleRequest(request, reply), request.body().length());
  }

  /**
   * Takes no more requests, writes what is not yet written, if the object is awake, and says when
   * that is done. What came after would be acknowledged behind the last checkpoint.
   */
  void prepareStop(Consumer<CheckpointStats> done) {
    mailbox.offer(
        () -> {
          stopped = true;
          done.accept(
              phase == Phase.AWAKE
                  ? instance.store().stop().stats()
                  : CheckpointOutcome.nothingToDo(Trigger.HIBERNATION).stats());
        },
        0);
  }

  /**
   * Closes every socket and the file for good, because the emulator stops; then runs {@code done}.
   */
  public void stop(Runnable done) {
    mailbox.post(
        () -> {
          // Its turn may come before that of a checkpoint for which there was no time.
          stopped = true;
          sockets.forEach(socket -> socket.close(GOING_AWAY, "the emulator stops"));
          sleep();
          done.run();
        });
  }

  /** Arms the alarm that was set for {@code dueMs}, by this process or one before it. */
  public void armAlarm(double dueMs) {
    mailbox.post(() -> arm(dueMs, dueMs, 1));
  }

  /**
   * The event loop's: whether the object holds nothing that a new one in its place would miss.
   * Asked only while no request can reach the object.
   */
  boolean isForgettable() {
    return visits.get() == 0
        && phase == Phase.ASLEEP
        && sockets.isEmpty()
        && armedAlarm == null
        && participants.isEmpty()
        && openRequests.isEmpty()
        && mailbox.isEmpty();
  }

  /**
   * Decides on a client who is about to connect; {@code then} is given the socket, null with a
   * refusal, on the event loop. Until the socket is closed the object is kept.
   */
  public void admit(HttpHeaders headers, String target, BiConsumer<Admission, ObjectSocket> then) {
    visits.incrementAndGet();
    mailbox.post(
        () -> {
          Admission admission = visitors.admit(headers, target);
          if (admission.isRefused()) {
            visits.decrementAndGet();
            then.accept(admission, null);
            forgetIfAsleep();
            return;
          }
          ObjectSocket socket = new ObjectSocket(this, scheduler);
          sockets.add(socket);
          visitors.opened(socket, admission.kept());
          if (!admission.kept().isEmpty()) {
            awake().watchTokens();
          }
          then.accept(admission, socket);
        });
  }

  /** An open socket for a client in this process; until it is closed the object is kept. */
  DirectSocket newDirectSocket(DirectSocket.Listener listener) {
    visits.incrementAndGet();
    return new DirectSocket(this, listener);
  }

  /**
   * Loses its memory, as by the death of its process: sockets break off, what they sent and was not
   * yet read is lost, requests get no answer of the store's. The file, the alarm and what was sent
   * to the Pipeline stay.
   */
  void crash(Runnable done) {
    mailbox.post(
        () -> {
          loseMemory();
          done.run();
        });
  }

  private void loseMemory() {
    List.copyOf(sockets).forEach(ClientSocket::abort);
    for (HttpReply reply : List.copyOf(openRequests)) {
      openRequests.remove(reply);
      host.waiting().accept(-1);
      refuse(reply, ErrorCode.UNAVAILABLE, "the object has lost its memory");
    }
    sleep();
  }

  /**
   * Leaves the memory, as an idle object does: written is what was not yet; the sockets stay. With
   * a request that is not yet answered it stays, because nothing else would answer.
   */
  void evict(Completion done) {
    mailbox.offer(
        () -> {
          if (phase == Phase.STARTING) {
            done.failed("the object is about to start, and cannot leave the memory meanwhile");
          } else if (phase != Phase.AWAKE) {
            done.succeeded();
          } else {
            instance.store().beforeHibernation(thenSleep(instance, done));
          }
        },
        0);
  }

  private Completion thenSleep(StoreInstance of, Completion done) {
    return new Completion() {
      @Override
      public void succeeded() {
        if (instance == of && !openRequests.isEmpty()) {
          done.failed("a request is open, and its object cannot leave the memory meanwhile");
          return;
        }
        if (instance == of) {
          sleep();
        }
        done.succeeded();
      }

      @Override
      public void failed(String error) {
        done.failed(error);
      }
    };
  }

  /**
   * Runs {@code body} while nothing of the object happens, with its database file.
   *
   * @param closed whether the object loses its memory before, so that the file is not open
   */
  void withFile(boolean closed, Consumer<Path> body) {
    mailbox.post(
        () -> {
          if (closed) {
            loseMemory();
          }
          body.accept(host.files().file(namespace));
        });
  }

  void socketOpened(ClientSocket socket) {
    mailbox.post(() -> sockets.add(socket));
  }

  void socketClosed(ClientSocket socket) {
    mailbox.offer(
        () -> {
          visitors.closed(socket);
          boolean known = sockets.remove(socket);
          if (known && instance != null) {
            instance.store().onSocketClosed(socket);
          }
          if (known && phase == Phase.AWAKE) {
            instance.store().onConnectionClosed(sockets.size());
          }
          visits.decrementAndGet();
          forgetIfAsleep();
        },
        0);
  }

  boolean message(ClientSocket from, String text, int bytes) {
    return mailbox.offer(
        () -> {
          if (!stopped && !from.isAborted()) {
            awake();
            instance.message(from, text);
          }
        },
        bytes);
  }

  boolean oversizeMessage(ClientSocket from) {
    return unreadable(from, store -> store.onOversizeMessage(from), 0);
  }

  boolean undecodableMessage(ClientSocket from, int bytes) {
    return unreadable(from, store -> store.onUndecodableMessage(from), bytes);
  }

  private boolean unreadable(ClientSocket from, Consumer<UnifiedStore> answer, int bytes) {
    return mailbox.offer(
        () -> {
          if (!stopped && !from.isAborted()) {
            try {
              answer.accept(awake());
            } finally {
              from.answered();
            }
          }
        },
        bytes);
  }

  void whenRoom(Runnable resume) {
    mailbox.whenRoom(resume);
  }

  void post(Runnable task) {
    mailbox.post(
        () -> {
          active = true;
          task.run();
        });
  }

  /** The event loop's: the socket has frames to send when this turn ends. */
  void flushAfterTurn(ClientSocket socket) {
    toFlush.add(socket);
  }

  @Override
  public void turnEnded() {
    health = instance == null ? null : instance.store().health();
    for (ClientSocket socket : toFlush) {
      socket.flush();
    }
    toFlush.clear();
    if (active) {
      active = false;
      lastActiveMs = scheduler.monotonicMs();
    }
  }

  @Override
  public void taskFailed(Throwable failure) {
    StringBuilder trace = new StringBuilder("internal error: " + failure);
    StackTraceElement[] frames = failure.getStackTrace();
    for (int i = 0; i < Math.min(frames.length, 12); i++) {
      trace.append("\n    at ").append(frames[i]);
    }
    observer.error(trace.toString());
  }

  /**
   * The store, built if the object has not got one. Its start may take long, when it has to read an
   * archive; until then it answers that it is recovering.
   */
  private UnifiedStore awake() {
    active = true;
    if (phase == Phase.AWAKE && instance.store().isOver()) {
      sleep();
    }
    if (phase == Phase.ASLEEP) {
      instance = new StoreInstance(this, namespace, host, this::setAlarm);
      phase = Phase.STARTING;
      participants.forEach(one -> one.accept(instance.store()));
      instance.store().onStart(List.copyOf(sockets), new Started(instance));
    }
    return instance.store();
  }

  /** The outcome of one start; it may come at once or much later, but always on the event loop. */
  private final class Started implements Completion {
    private final StoreInstance of;

    Started(StoreInstance of) {
      this.of = of;
    }

    @Override
    public void succeeded() {
      ended();
    }

    @Override
    public void failed(String error) {
      ended();
    }

    private void ended() {
      if (instance == of && phase == Phase.STARTING) {
        phase = Phase.AWAKE;
        lastActiveMs = scheduler.monotonicMs();
        lookForIdleness(of, HIBERNATE_AFTER_MS);
      }
    }
  }

  private void handleRequest(HttpRequest request, HttpReply reply) {
    if (stopped) {
      refuse(reply, ErrorCode.UNAVAILABLE, "the emulator stops");
      return;
    }
    UnifiedStore store = awake();
    if (store.isFailed()) {
      // Figures of a store whose state could not be had would look like those of an empty one.
      refuse(reply, ErrorCode.UNAVAILABLE, store.failure());
      return;
    }
    openRequests.add(reply);
    host.waiting().accept(1);
    StreamedBodies bodies = new StreamedBodies(mailbox::post, isAlive(instance));
    store.onRequest(
        bodies.incoming(request),
        new HttpReply() {
          @Override
          public void send(int status, String contentType, String body) {
            send(status, contentType, List.of(), body);
          }

          @Override
          public void send(int status, String contentType, List<String> headers, String body) {
            if (!openRequests.remove(reply)) {
              return;
            }
            host.waiting().accept(-1);
            reply.send(status, contentType, headers, body);
          }

          @Override
          public void stream(int status, String contentType, HttpBody body) {
            if (!openRequests.remove(reply)) {
              body.cancel();
              return;
            }
            host.waiting().accept(-1);
            reply.stream(status, contentType, bodies.outgoing(body));
          }
        });
  }

  /** Whether a store is still this object's; asking says that the object is in use. */
  private BooleanSupplier isAlive(StoreInstance of) {
    return () -> {
      active = true;
      return instance == of;
    };
  }

  private void lookForIdleness(StoreInstance of, long inMs) {
    scheduler.after(inMs, () -> mailbox.post(() -> hibernateIfIdle(of)));
  }

  private void hibernateIfIdle(StoreInstance of) {
    if (instance != of) {
      return;
    }
    long idleMs = scheduler.monotonicMs() - lastActiveMs;
    if (active || idleMs < HIBERNATE_AFTER_MS) {
      lookForIdleness(of, active ? HIBERNATE_AFTER_MS : HIBERNATE_AFTER_MS - idleMs);
    } else if (!openRequests.isEmpty()
        || mailbox.queued() > 0
        || !of.isIdle()
        || !visitors.isIdle()) {
      lookForIdleness(of, LOOK_AGAIN_MS);
    } else {
      of.store().onDrop();
      sleep();
    }
  }

  private void sleep() {
    StoreInstance ending = instance;
    instance = null;
    phase = Phase.ASLEEP;
    try {
      if (ending != null) {
        ending.drop();
      }
    } catch (SqlException e) {
      observer.error(e.getMessage());
    }
    forgetIfAsleep();
  }

  private void forgetIfAsleep() {
    if (phase == Phase.ASLEEP && sockets.isEmpty()) {
      forget.accept(namespace);
    }
  }

  private void setAlarm(double dueMs) {
    if (dueMs == 0) {
      host.alarms().clear(namespace);
      if (armedAlarm != null) {
        armedAlarm.cancel();
        armedAlarm = null;
      }
      return;
    }
    host.alarms().set(namespace, dueMs);
    arm(dueMs, dueMs, 1);
  }

  private void arm(double dueMs, double fireAtMs, int attempt) {
    if (armedAlarm != null) {
      armedAlarm.cancel();
    }
    long delayMs = (long) Math.ceil(fireAtMs - scheduler.nowMs());
    Scheduler.Task[] self = new Scheduler.Task[1];
    self[0] =
        scheduler.after(delayMs, () -> mailbox.offer(() -> fireAlarm(self[0], dueMs, attempt), 0));
    armedAlarm = self[0];
  }

  /** Fires at least once: the alarm is deleted only after the store has had it. */
  private void fireAlarm(Scheduler.Task task, double dueMs, int attempt) {
    if (armedAlarm != task || stopped) {
      return;
    }
    armedAlarm = null;
    UnifiedStore store = awake();
    if (phase != Phase.AWAKE || store.isFailed()) {
      if (attempt < ALARM_TRIES) {
        arm(dueMs, scheduler.nowMs() + (ALARM_RETRY_MS << attempt), attempt + 1);
      }
      return;
    }
    store.onAlarm();
    if (armedAlarm == null) {
      host.alarms().handled(namespace, dueMs);
    }
  }

  /** Delayed calls on the event loop that outlive the store. */
  private final class LoopTimers implements Timers {
    @Override
    public Timer after(double delayMs, Runnable task) {
      return scheduler.after((long) Math.ceil(delayMs), () -> mailbox.post(task))::cancel;
    }

    @Override
    public void setAlarm(double epochMs) {
      throw new UnsupportedOperationException("the alarm is the store's");
    }
  }

  private static void refuse(HttpReply reply, ErrorCode code, String message) {
    new HttpError(code.httpStatus(), code.name(), message).to(reply);
  }
}
