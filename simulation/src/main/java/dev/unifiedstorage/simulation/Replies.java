package dev.unifiedstorage.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What clients ask and are told: each request is carried out on the model, and its reply held
 * against that.
 */
final class Replies {
  private static final Set<String> REFUSALS = Set.of("RECOVERING", "OVERLOADED", "UNAVAILABLE");

  private final World world;
  private long moment;

  Replies(World world) {
    this.world = world;
  }

  /**
   * A request is about to reach the store.
   *
   * @param uuids how many ids are made for others of the same message before it
   * @return how many there are with its own
   */
  int asked(Life life, Request request, int uuids) {
    int made = uuids;
    request.invokedAt = ++moment;
    request.invokedInEvent = life.events + 1;
    if (life.open.put(request.id, request) != null) {
      throw new IllegalStateException("request ids are unique");
    }
    boolean ping =
        request.operations.size() == 1 && request.operations.get(0).type().equals("ping");
    if (ping && !request.batch || (life.running && !life.rebuilding)) {
      made = carryOut(life, request, uuids);
      request.uuids = made - uuids;
    } else if (!life.running) {
      life.early.add(request);
      if (request.past != null) {
        world.past.held(request.past);
      }
    }
    life.note("ask " + request.text);
    return made;
  }

  /** The number of the next moment that clients can tell from the one before. */
  long nextMoment() {
    return ++moment;
  }

  private int carryOut(Life life, Request request, int uuids) {
    if (request.past != null) {
      world.past.asked(life, request.past);
      return uuids;
    }
    if (request.write != null && !world.once.carriesOut(life, request)) {
      return uuids;
    }
    return Contract.apply(world.model, life.head, world.time.wallMs(), request, uuids, life.setup);
  }

  void replied(Life life, Map<String, Object> reply, boolean socketOpen) {
    String text = reply.toString();
    life.note("reply " + text);
    world.figures.replies++;
    Request request = life.open.remove(reply.get("id"));
    if (request == null) {
      throw new Violation("every request has one reply", "no request waits for " + text);
    }
    if (life.deceived) {
      // It may have looked into another file.
      world.histories.unclear(request);
      return;
    }
    String code = (String) reply.getOrDefault("code", "");
    if (REFUSALS.contains(code)) {
      refused(life, request, reply, code);
      return;
    }
    if (life.early.contains(request)) {
      carriesOut(life);
    }
    if (request.past != null) {
      if (!life.isOver()) {
        if (request.asked != null) {
          world.past.checkQuery(life, request, reply);
        } else {
          request.shown = world.past.check(life, request.past, reply);
        }
        world.checkers.ackRule(life, request);
      }
      return;
    }
    withoutSentences(reply);
    if (request.write != null && world.once.isOther(life, request, reply)) {
      if (!life.isOver()) {
        world.checkers.ackRule(life, request);
      }
      return;
    }
    if (request.asked != null) {
      if (life.isOver()) {
        // No model knows its moment any more; the page itself must still be the life's own.
        reply.remove("at");
        reply.put("more", reply.remove("cursor") != null);
        if (request.asked.isCount()) {
          reply.remove("more");
        }
      } else {
        showLater(life, request, reply);
        world.questions.answered(request, reply);
      }
    }
    if (request.expected == null || !Texts.same(request.expected, reply)) {
      throw new Violation(
          "replies are what the model says", "expected " + request.expected + ", got " + reply);
    }
    if (life.isOver()) {
      // It cannot know that its time is over: what it says counts for nothing.
      world.histories.unclear(request);
      return;
    }
    world.checkers.ackRule(life, request);
    if (!socketOpen || !request.socketOpen) {
      world.histories.unclear(request);
      return;
    }
    order(request);
    if (!request.results.isEmpty()) {
      world.histories.replied(request, results(request, reply), ++moment);
    }
  }

  /**
   * A query may have waited for its index, one over 2 MB that is built in slices: it shows what
   * there is by then, and names that moment.
   */
  private void showLater(Life life, Request request, Map<String, Object> reply) {
    boolean shows =
        Texts.same(request.expected.get("things"), reply.get("things"))
            && Texts.same(request.expected.get("count"), reply.get("count"));
    if (!shows && life.setup.hasIndexes() && reply.get("at") instanceof String at) {
      double atSeq = Double.parseDouble(at.substring(at.indexOf('-') + 1));
      if (request.shown == null || atSeq > request.shown.seq) {
        Model.Head then = world.model.at(life.head.tip().then(atSeq));
        Contract.apply(world.model, then, world.time.wallMs(), request, 0, life.setup);
      }
    }
  }

  private static List<? extends Map<?, ?>> results(Request request, Map<String, Object> reply) {
    if (!request.batch) {
      return List.of(reply);
    }
    List<Map<?, ?>> results = new ArrayList<>();
    for (Object result : (List<?>) reply.get("results")) {
      results.add((Map<?, ?>) result);
    }
    return results;
  }

  /** The store may have begun to carry out what it kept until it knew that it is new. */
  void carriesOut(Life life) {
    if (life.early.isEmpty() || !world.checkers.mayBeNew()) {
      return;
    }
    life.beganEmpty = true;
    world.checkers.recoveredTo(life, world.model.root());
    carryOut(life, life.early.carryOut(), 0);
  }

  private void carryOut(Life life, List<Request> requests, int uuidsAhead) {
    int uuids = uuidsAhead;
    for (Request request : requests) {
      int before = uuids;
      uuids = carryOut(life, request, uuids);
      request.uuids = uuids - before;
    }
  }

  private void refused(Life life, Request request, Map<String, Object> reply, String code) {
    boolean behindAnother = request.write != null && world.once.standsBehind(life, request, reply);
    boolean explained =
        behindAnother
            || switch (code) {
              case "RECOVERING" -> !life.running || life.rebuilding;
              case "UNAVAILABLE" ->
                  life.troubled
                      || life.store.isFailed()
                      || (request.past != null
                          && (life.isOver() || world.past.mayBeUnavailable(request.past)));
              default -> request.past != null && Past.mayBeTooMany(life);
            };
    if (!explained) {
      throw new Violation("refusals have a reason", reply.toString());
    }
    if (request.write != null) {
      world.once.refused(life, request, reply);
    }
    List<Request> behind = life.early.refused(request);
    if (behind != null) {
      goOnWithout(life, request, behind.stream().filter(life.open::containsValue).toList());
    } else if (!life.running) {
      // It was not empty after all.
      life.beganEmpty = false;
      life.head = world.model.root();
      life.sessions.clear();
    }
    if (!code.equals("RECOVERING")) {
      world.histories.unclear(request);
    }
  }

  /** Plans the requests behind one that was refused anew: without its changes, and its ids. */
  private void goOnWithout(Life life, Request refused, List<Request> behind) {
    if (refused.changes.isEmpty() && refused.uuids == 0 && refused.write == null) {
      return;
    }
    Stream.concat(Stream.of(refused), behind.stream())
        .flatMap(request -> request.changes.stream())
        .findFirst()
        .ifPresent(first -> life.head.moveTo(first.parent));
    behind.forEach(Request::forget);
    refused.uuids = 0;
    carryOut(life, behind, life.early.uuidsAhead(refused));
  }

  /** Sentences are for people: no two releases need say the same. */
  private static void withoutSentences(Map<String, Object> reply) {
    withoutSentence(reply);
    if (reply.get("results") instanceof List<?> results) {
      results.forEach(result -> withoutSentence((Map<?, ?>) result));
    }
  }

  private static void withoutSentence(Map<?, ?> reply) {
    reply.remove("error");
    if (reply.get("details") instanceof Map<?, ?> details) {
      details.remove("error");
      if (details.get("errors") instanceof List<?> errors) {
        errors.forEach(error -> ((Map<?, ?>) error).remove("message"));
      }
    }
  }

  /** Two writes to one thing over one socket are acknowledged in order. */
  private static void order(Request request) {
    for (Model.Node change : request.changes) {
      Double before = request.client.acked.put(change.id, change.seq);
      if (before != null && before >= change.seq) {
        throw new Violation("one socket's writes are acknowledged in order", change.toString());
      }
    }
  }

  void socketClosed(Client client) {
    client.life.open.values().stream()
        .filter(request -> request.client == client)
        .forEach(request -> request.socketOpen = false);
  }
}
