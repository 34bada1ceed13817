package dev.unifiedstorage.store;

import dev.unifiedstorage.access.Grant;
import dev.unifiedstorage.checkpoint.CheckpointOutcome;
import dev.unifiedstorage.checkpoint.Committer;
import dev.unifiedstorage.checkpoint.Trigger;
import dev.unifiedstorage.past.PastReader;
import dev.unifiedstorage.port.HttpReply;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.ReplyWriter;
import dev.unifiedstorage.protocol.Route;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Answers the routes of one store: figures at any time, the rest while it is running. */
final class AdminRequests {
  private static final String JSON = "application/json";

  private final Lifecycle lifecycle;
  private final Starts starts;
  private final Committer committer;
  private final PastReader pastReader;
  private final Exports exports;
  private final Supplier<StoreStats> stats;
  private final StatsWriter writer;
  private final Json json;
  private final UnaryOperator<String> about;

  /**
   * @param about puts namespace, epoch and seq before a sentence
   */
  AdminRequests(
      Lifecycle lifecycle,
      Starts starts,
      Committer committer,
      PastReader pastReader,
      Exports exports,
      Supplier<StoreStats> stats,
      Json json,
      UnaryOperator<String> about) {
    this.lifecycle = lifecycle;
    this.starts = starts;
    this.committer = committer;
    this.pastReader = pastReader;
    this.exports = exports;
    this.stats = stats;
    this.writer = new StatsWriter(json);
    this.json = json;
    this.about = about;
  }

  /**
   * Answers a request.
   *
   * @param grant what the client may do
   * @param notRunning why a store that is not running refuses
   */
  void answer(Route route, Grant grant, HttpReply reply, Supplier<Refusal> notRunning) {
    switch (route.kind()) {
      case STATS -> reply.send(200, JSON, writer.stats(stats.get()));
      case METRICS ->
          reply.send(200, "text/plain; version=0.0.4; charset=utf-8", writer.metrics(stats.get()));
      case CHECKPOINT, REBUILD, HISTORY, EXPORT -> {
        if (lifecycle.isRunning()) {
          act(route, grant, reply);
        } else {
          ReplyWriter.refuse(reply, notRunning.get(), json);
        }
      }
      default -> throw new IllegalArgumentException("not a store's route: " + route.kind());
    }
  }

  private void act(Route route, Grant grant, HttpReply reply) {
    switch (route.kind()) {
      case CHECKPOINT -> checkpoint(reply);
      case REBUILD -> rebuild(reply);
      case EXPORT -> exports.answer(route.query(), grant, reply);
      default -> pastReader.history(route.thingId(), route.afterSeq(), grant, reply);
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
