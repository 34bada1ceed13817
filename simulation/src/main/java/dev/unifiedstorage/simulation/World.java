package dev.unifiedstorage.simulation;

import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.Peer;
import dev.unifiedstorage.store.StorePorts;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * One object, its clients and its platform, carrying out a plan on one thread.
 *
 * <p>The platform starts an instance when a request or the alarm needs one, drops idle ones, tells
 * one that was replaced when it touches its storage, and loses whatever was in memory in a crash.
 */
final class World {
  static final String NAMESPACE = "world";

  private static final double HOUR_MS = 3_600_000;

  /** One world of so many has its database in a file. */
  private static final int FILE_EVERY = 20;

  /** What became of a plan. */
  record Result(Plan plan, Violation violation, Trace trace, Figures figures) {}

  final Plan plan;
  Setup setup;
  final Figures figures = new Figures();
  final VirtualTime time = new VirtualTime();
  final Faults faults = new Faults(time);
  final Trace trace;
  final Json json = new JsoniterJson();
  final Disk disk;
  final Model model = new Model();
  final Stream stream = new Stream(this);
  final Sink sink = new Sink(this);
  final Histories histories = new Histories(this);
  final Past past = new Past(this);
  final Questions questions = new Questions();
  final Replies replies = new Replies(this);
  final Checkers checkers = new Checkers(this);
  final Unasked unasked = new Unasked(this);
  final Copies copies;
  final Deliveries deliveries;
  final Whole whole = new Whole(this);
  final Workload workload = new Workload(this);
  final List<Client> clients = new ArrayList<>();
  final Followers followers;
  final Once once = new Once(this);
  final Forks forks;
  final SessionClients sessions;
  final UnaryOperator<StorePorts> lies;

  /** The most records that one request may bring, which may then be one send. */
  final int largestRequest = 1000;

  Random random = new Random(0);
  private Life current;
  private Life stale;
  private int lives;
  private double numbers;
  private VirtualTime.Task alarm;
  private double alarmLateMs;
  private boolean alarmTwice;

  private World(Plan plan, boolean recording, UnaryOperator<StorePorts> lies) {
    this.plan = plan;
    this.setup = plan.setup();
    this.lies = lies;
    this.disk = plan.seed() % FILE_EVERY == 0 ? Disk.inFile() : Disk.inMemory();
    this.trace = new Trace(recording);
    this.followers = new Followers(this, plan.seed());
    this.sessions = new SessionClients(this, plan.seed());
    this.copies = new Copies(this);
    this.deliveries = new Deliveries(this, plan.seed());
    this.forks = new Forks(this, plan.seed());
    for (int i = 0; i < setup.clients(); i++) {
      clients.add(new Client(this, i));
    }
  }

  static Result run(Plan plan, boolean recording) {
    return run(plan, recording, 0, UnaryOperator.identity());
  }

  /**
   * Carries out a plan.
   *
   * @param crashAtPoint crash at this moment before or after a port call, 0 for none
   * @param lies what stands between the store and its ports
   */
  static Result run(
      Plan plan, boolean recording, int crashAtPoint, UnaryOperator<StorePorts> lies) {
    World world = new World(plan, recording, lies);
    world.faults.armCrashAtPoint(crashAtPoint);
    Violation violation = null;
    try {
      world.runPlan();
    } catch (Violation e) {
      violation = e;
    } catch (RuntimeException e) {
      // It has found something too, and its seed must be named.
      violation = new Violation(e);
    }
    if (violation != null) {
      world.trace.note("VIOLATION " + violation.getMessage());
    }
    world.disk.close();
    world.figures.add(world);
    return new Result(plan, violation, world.trace, world.figures);
  }

  /** A number that was never given before, and whose order says nothing. */
  double nextNumber() {
    return (++numbers * 6_700_417) % 16_777_213 * 268_435_456 + 4_294_967_296.0;
  }

  private void runPlan() {
    if (OldRows.areIn(this)) {
      new OldRows(this, new Random(plan.seed())).write();
    }
    for (Step step : plan.steps()) {
      random = new Random(step.seed());
      trace.note("step " + step);
      figures.steps++;
      carryOut(step);
      followers.act(new Random(~step.seed()));
      sessions.act(new Random(step.seed() ^ 0x5DEECE66DL));
      deliveries.act(new Random(~step.seed() ^ 0x5DEECE66DL));
      forks.act(new Random(step.seed() * 0x5DEECE66DL));
    }
    random = new Random(plan.seed());
    new Ending(this).run();
  }

  private void carryOut(Step step) {
    switch (step.action()) {
      case REQUEST -> ask(workload.next(client(), random));
      case BURST -> {
        Client client = client();
        if (random.nextInt(3) == 0) {
          frame(client);
          return;
        }
        for (int i = 2 + random.nextInt(40); i > 0; i--) {
          ask(workload.next(client, random));
        }
      }
      case SHORT_WAIT -> time.advance(random.nextInt(300));
      case LONG_WAIT -> time.advance(random.nextInt(1 << (10 + random.nextInt(12))));
      case CROWD -> workload.crowd(random);
      case PAST -> past.ask(client());
      case CHECKPOINT -> post("checkpoint");
      case REBUILD -> {
        if (setup.archive()) {
          post("rebuild");
        }
      }
      case FAULT -> inject(step.fault());
    }
    if (current != null) {
      current.early.check();
    }
  }

  private Client client() {
    return clients.get(random.nextInt(clients.size()));
  }

  void ask(Request request) {
    Life life = request.client.life;
    if (life == null || !life.alive()) {
      request.client.disconnect();
      life = alive();
      request.client.life = life;
    }
    if (!life.alive()) {
      // It died at its start, and the request with it.
      return;
    }
    deliver(life, request);
  }

  /** Gives a request to an instance. */
  void deliver(Life receiver, Request request) {
    figures.requests++;
    replies.asked(receiver, request, 0);
    boolean early = receiver.early.contains(request);
    receiver.event(
        () -> receiver.store.onMessage(request.client.connection(receiver), request.text));
    if (early) {
      receiver.early.taken(request);
    }
  }

  /** Asks several things in one message of a store that runs. */
  private void frame(Client client) {
    Life life = client.life;
    boolean runs = life != null && life.alive() && life.running && !life.rebuilding;
    if (!runs || takesNoFrame()) {
      ask(workload.next(client, random));
      return;
    }
    List<Request> requests = new ArrayList<>();
    int uuids = 0;
    for (int i = 1 + random.nextInt(20); i > 0; i--) {
      Request request = workload.next(client, random);
      figures.requests++;
      uuids = replies.asked(life, request, uuids);
      requests.add(request);
    }
    sendFrame(life, client, requests);
  }

  /** Gives several requests of a session to an instance, in one message. */
  void deliver(Life life, Client client, List<Request> requests) {
    for (Request request : requests) {
      figures.requests++;
      replies.asked(life, request, 0);
    }
    sendFrame(life, client, requests);
  }

  private void sendFrame(Life life, Client client, List<Request> requests) {
    figures.frames++;
    life.early.together(requests);
    String text =
        requests.stream().map(request -> request.text).collect(Collectors.joining(",", "[", "]"));
    life.event(() -> life.store.onMessage(client.connection(life), text));
  }

  /** The sockets that outlived the memory, which the next life finds. */
  List<Peer> sockets(Life of) {
    List<Peer> sockets = followers.sockets(of);
    sockets.addAll(sessions.sockets(of));
    return sockets;
  }

  /**
   * Whether no frame may be sent now.
   *
   * <p>A frame of large things could be too large a message, or have too large replies. And of a
   * request that was refused within a frame nothing is known when the store dies before the frame's
   * replies leave.
   */
  boolean takesNoFrame() {
    return setup.largePayloads() || setup.maxLoads() > 0 || faults.awaitsReadError();
  }

  void post(String action) {
    Life life = alive();
    if (!life.running) {
      return;
    }
    boolean rebuilds = action.equals("rebuild") && !life.rebuilding;
    boolean[] replied = {false};
    life.rebuilding |= rebuilds;
    life.post(
        action,
        (status, type, body) -> {
          life.note(action + " answered " + status);
          if (replied[0]) {
            throw new Violation("every request has one reply", "a second one to " + action);
          }
          replied[0] = true;
          if (rebuilds) {
            life.rebuilding = false;
            // One that could not be persisted has still changed what is in memory.
            life.recovered |= status == 200 || life.hasMoved();
          }
        });
    if (life.alive() && !replied[0] && !rebuilds) {
      throw new Violation("every request has one reply", "none to " + action);
    }
  }

  // ---- lives

  Life current() {
    return current;
  }

  /** The instance that was replaced and does not know it yet; null when there is none. */
  Life stale() {
    return stale;
  }

  /** The instance that a new request reaches: a new one when none is alive. */
  Life alive() {
    if (current == null) {
      current = new Life(this, ++lives);
      current.note("start");
      figures.starts++;
      Life starting = current;
      starting.start();
      return starting;
    }
    return current;
  }

  /** A life has crashed: its sockets are gone. */
  void crashed(Life life) {
    figures.crashes++;
    life.note("crashed");
    // First of all: no check may look at what was under way.
    disk.crash();
    drop(life);
    followers.crashed(life);
    sessions.crashed(life);
    for (Client client : clients) {
      if (client.life == life) {
        client.disconnect();
      }
    }
  }

  /** The platform drops a life from memory; without a crash the sockets stay. */
  void drop(Life life) {
    life.die();
    checkers.died(life);
    current = current == life ? null : current;
    stale = stale == life ? null : stale;
  }

  /**
   * Loses the file of a store that is at rest, and starts it until it runs.
   *
   * @param expect says what that has to come to
   */
  Life loseFile(Runnable expect) {
    drop(alive());
    disk.wipe();
    expect.run();
    Life rebuilt = alive();
    for (int i = 0; i < 20 && !(rebuilt.running && rebuilt.alive()); i++) {
      time.advance(60_000);
      rebuilt = alive();
    }
    return rebuilt;
  }

  void setAlarm(double epochMs) {
    if (alarm != null) {
      alarm.cancel();
      alarm = null;
    }
    if (epochMs == 0) {
      return;
    }
    double lateMs = alarmLateMs;
    alarmLateMs = 0;
    alarm = time.after(Math.max(0, epochMs - time.wallMs()) + lateMs, this::ring);
  }

  boolean alarmIsSet() {
    return alarm != null;
  }

  private void ring() {
    alarm = null;
    Life life = alive();
    life.event(life.store::onAlarm);
    if (alarmTwice) {
      alarmTwice = false;
      faults.count(Fault.ALARM_TWICE);
      life.event(life.store::onAlarm);
    }
    if (!life.alive() && alarm == null) {
      // A handler that failed is called again.
      alarm = time.after(2_000, this::ring);
    }
  }

  // ---- faults

  private void inject(Fault fault) {
    if (fault.crashAt != null) {
      faults.armCrash(fault, 1 + random.nextInt(6));
      return;
    }
    double whileMs = random.nextInt(1 << (8 + random.nextInt(10)));
    switch (fault) {
      case CRASH_BETWEEN_EVENTS -> {
        if (current != null) {
          faults.count(fault);
          Life life = current;
          checkers.alarmGuards(life);
          crashed(life);
        }
      }
      case PIPELINE_OUTAGE -> faults.startOutage(whileMs);
      case DEAD_LETTERS_FAIL -> {
        faults.startOutage(whileMs);
        faults.failDeadLetters(whileMs);
      }
      case WRITE_ERROR -> faults.armWriteError(1 + random.nextInt(5));
      case READ_ERROR -> faults.armReadError(1 + random.nextInt(5));
      case DISK_FULL -> {
        faults.fillDisk(whileMs / 2);
        if (random.nextInt(3) == 0) {
          // Then there is nowhere left to go.
          faults.startOutage(whileMs);
        }
      }
      case COMMIT_REFUSED -> faults.armCommitRefused();
      case ROW_DAMAGED -> damage();
      case SINK_STALLED -> {
        faults.count(fault);
        sink.stall();
        time.after(whileMs, sink::resume);
      }
      case ARCHIVE_DISORDER -> {}
      case ARCHIVE_DUPLICATES -> sink.repeatLast();
      case ARCHIVE_ABSENT -> faults.hideArchive(whileMs / 4);
      case ARCHIVE_FAILS_MID_READ -> faults.armArchiveFailure(1 + random.nextInt(20));
      case ARCHIVE_SILENT -> faults.armSilence();
      case HIBERNATION -> hibernate();
      case TWO_INSTANCES -> replace();
      case SETTINGS_CHANGED -> redeploy();
      case ALARM_LATE, ALARM_TWICE -> {
        alarmTwice |= fault == Fault.ALARM_TWICE;
        alarmLateMs = fault == Fault.ALARM_LATE ? whileMs : alarmLateMs;
        faults.count(fault);
      }
      case CLOCK_STANDS_STILL, CLOCK_JUMPS_BACK, CLOCK_JUMPS_FORWARD -> disturbClock(fault);
      case SOCKET_CLOSES_MID_REQUEST, ALL_SOCKETS_CLOSE -> closeSockets(fault);
      case FILE_PUT_BACK, FILE_PUT_BACK_TWICE -> copies.putBack(fault, random);
      case FILE_PUT_BACK_UNDERNEATH -> copies.putBackUnderneath(random);
      case FILE_LOST -> copies.lose(random);
      case STORE_DELETED -> whole.delete();
      case STORE_RESTORED -> whole.restore();
      default -> faults.armSend(fault);
    }
  }

  private void disturbClock(Fault fault) {
    faults.count(fault);
    double ms = random.nextInt(1 << (6 + random.nextInt(17)));
    switch (fault) {
      case CLOCK_STANDS_STILL -> time.freezeWall(Math.min(ms, 120_000));
      case CLOCK_JUMPS_BACK -> time.jumpWall(-Math.min(ms, HOUR_MS));
      default -> time.jumpWall(ms);
    }
  }

  private void closeSockets(Fault fault) {
    Client only = client();
    for (Client client : clients) {
      if (client.life == null || (fault == Fault.SOCKET_CLOSES_MID_REQUEST && client != only)) {
        continue;
      }
      faults.count(fault);
      Life life = client.life;
      replies.socketClosed(client);
      client.disconnect();
      int left = (int) clients.stream().filter(other -> other.life == life).count();
      life.event(() -> life.store.onConnectionClosed(left));
    }
  }

  /** Drops an idle instance, as the platform does whenever it likes. */
  void hibernate() {
    if (current != null
        && current.running
        && !current.rebuilding
        && !current.deceived
        && current.store.isIdle()) {
      faults.count(Fault.HIBERNATION);
      current.note("hibernates");
      checkers.hibernates(current);
      Life life = current;
      drop(life);
      followers.hibernates(life);
      sessions.hibernates(life);
      for (Client client : clients) {
        client.life = client.life == life ? null : client.life;
      }
    }
  }

  /** Starts a second instance; some clients stay with the first until it learns of it. */
  private void replace() {
    if (current == null || stale != null || !current.running || current.deceived) {
      return;
    }
    faults.count(Fault.TWO_INSTANCES);
    stale = current;
    stale.stale = true;
    stale.note("is replaced");
    checkers.replaced(stale);
    current = null;
    followers.crashed(stale);
    sessions.replaced(stale);
    for (Client client : clients) {
      if (client.life == stale && random.nextBoolean()) {
        replies.socketClosed(client);
        client.disconnect();
      }
    }
    Life old = stale;
    time.after(random.nextInt(60_000), () -> endStale(old));
    alive();
  }

  /** Ends the instance, as a deploy does; the next one has other settings. */
  private void redeploy() {
    faults.count(Fault.SETTINGS_CHANGED);
    if (current != null) {
      Life life = current;
      checkers.alarmGuards(life);
      crashed(life);
    }
    // Damage that a store has not met yet is met at its start, unless that leaves things on disk.
    boolean whole = !faults.happened().containsKey(Fault.ROW_DAMAGED);
    setup = setup.redeployed(random, whole);
    trace.note("settings " + new TreeMap<>(setup.vars()));
  }

  /** The platform resets an instance that was replaced. */
  void endStale(Life old) {
    if (old.alive()) {
      crashed(old);
    }
  }

  /** Damages the rows of a table, if the archive could bring everything back. */
  private void damage() {
    if (setup.config().maxEntries() > 0 || setup.config().maxBytes() > 0) {
      // A damaged row of a thing that is not in memory shows when the thing is read, by its name.
      return;
    }
    hibernate();
    // While the archive has nothing a damaged store refuses to start, as it must.
    boolean archived = setup.archive() && !stream.stored().isEmpty() && copies.isNewest();
    // Of one that was put back it would hide that it was.
    boolean settled = current == null && !copies.expect();
    if (settled && archived && checkers.everythingIsInThePipeline()) {
      List<Object[]> rows = disk.query("SELECT name FROM sqlite_master WHERE type = 'table'");
      if (!rows.isEmpty()) {
        Object table = rows.get(random.nextInt(rows.size()))[0];
        String fat = random.nextInt(3) > 0 ? "body" : "head";
        String column = table.equals("things") ? "line" : fat;
        disk.update("UPDATE " + table + " SET " + column + " = " + column + " || 'x'");
        faults.count(Fault.ROW_DAMAGED);
      }
    }
  }

  /** From now on everything works. */
  void heal() {
    trace.note("heal");
    faults.heal();
    alarmLateMs = 0;
    alarmTwice = false;
    sink.resume();
    if (stale != null) {
      endStale(stale);
    }
    if (current != null && current.deceived) {
      endStale(current);
    }
    if (setup.maxThings() > 0) {
      // A full store refuses the writes that a world ends with.
      setup = setup.unlimited();
      if (current != null) {
        crashed(current);
      }
    }
  }
}
