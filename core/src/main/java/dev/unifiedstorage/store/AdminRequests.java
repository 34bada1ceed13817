package dev.unifiedstorage.store;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.checkpoint.CheckpointOutcome;
import dev.unifiedstorage.checkpoint.Committer;
import dev.unifiedstorage.checkpoint.Trigger;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.protocol.RequestReader;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.query.QueryException;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Answers the routes of one store: figures at any time, the rest while it is running. */
final class AdminRequests {
  private static final String JSON = "application/json";

  private final Assembly parts;
  private final RequestReader requests;
  private final Lifecycle lifecycle;
  private final Starts starts;
  private final Committer committer;
  private final Readiness readiness;
  private final Supplier<StoreStats> stats;
  private final StatsWriter writer;
  private final Json json;
  private final UnaryOperator<String> about;

  AdminRequests(
      Assembly parts,
      RequestReader requests,
      Readiness readiness,
      Supplier<StoreStats> stats,
      Json json) {
    this.parts = parts;
    this.requests = requests;
    this.lifecycle = parts.lifecycle();
    this.starts = parts.starts();
    this.committer = parts.committer();
    this.readiness = readiness;
    this.stats = stats;
    this.writer = new StatsWriter(json);
    this.json = json;
    this.about = parts.about();
  }

  /**
   * Answers a request.
   *
   * @param grant what the client may do
   */
  void answer(HttpRequest request, Grant grant, HttpReply reply) {
    switch (request.route().kind()) {
      case STATS -> reply.send(200, JSON, writer.stats(stats.get()));
      case METRICS ->
          reply.send(200, "text/plain; version=0.0.4; charset=utf-8", writer.metrics(stats.get()));
      default -> {
        if (lifecycle.isRunning()) {
          act(request, grant, reply);
        } else {
          ReplyWriter.refuse(reply, readiness.notRunning(), json);
        }
      }
    }
  }

  private void act(HttpRequest request, Grant grant, HttpReply reply) {
    Route route = request.route();
    try {
      switch (route.kind()) {
        case CHECKPOINT -> checkpoint(reply);
        case REBUILD -> rebuild(reply);
        case SNAPSHOT -> snapshot(reply);
        case HISTORY -> {
          String id = Objects.requireNonNull(route.thingId());
          parts.pastReader().history(id, route.afterSeq(), route.branch(), grant, reply);
        }
        case EXPORT -> parts.exports().answer(route.query(), grant, reply);
        case DELETE -> parts.deletion().delete(reply);
        case RESTORE -> parts.restore().restore(requests.readAt(request.body()), reply);
        case FORK -> parts.fork().fork(requests.readFork(request.body()), grant, reply);
        default -> throw new IllegalArgumentException("not a store's route: " + route.kind());
      }
    } catch (QueryException e) {
      ReplyWriter.refuse(
          reply, Refusal.ofField(e.field(), String.valueOf(e.getMessage()), json), json);
    }
  }

  private void checkpoint(HttpReply reply) {
    CheckpointOutcome outcome = committer.checkpoint(Trigger.MANUAL);
    if (outcome.error().isPresent()) {
      unavailable(reply, about.apply(outcome.error().get().getMessage()));
    } else {
      reply.send(200, JSON, writer.checkpoint(outcome.stats()));
    }
  }

  private void snapshot(HttpReply reply) {
    parts
        .snapshots()
        .ask(
            new Snapshots.Asked() {
              @Override
              public void made(Snapshots.Stats made) {
                reply.send(200, JSON, writer.snapshot(made));
              }

              @Override
              public void failed(String error) {
                unavailable(reply, error);
              }
            });
  }

  private void rebuild(HttpReply reply) {
    if (!starts.hasArchive()) {
      unavailable(reply, about.apply("no archive reader is configured to rebuild from"));
      return;
    }
    starts.rebuild(
        error ->
            error.ifPresentOrElse(
                reason -> unavailable(reply, reason),
                () -> reply.send(200, JSON, writer.recovery(stats.get().recovery()))));
  }

  private void unavailable(HttpReply reply, String message) {
    ReplyWriter.refuse(reply, Refusal.of(ErrorCode.UNAVAILABLE, message), json);
  }
}
