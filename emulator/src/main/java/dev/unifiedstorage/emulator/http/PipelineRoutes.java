package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.emulator.object.HttpError;
import dev.unifiedstorage.emulator.pipeline.Faults;
import dev.unifiedstorage.emulator.pipeline.Streams;
import dev.unifiedstorage.jvm.json.JsonRecords;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.JsonParseException;
import dev.unifiedstorage.protocol.Route;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * The embedded Pipeline over HTTP: {@code POST /pipelines/{stream}} sends a JSON array of records,
 * as the platform's HTTP ingest does, and {@code GET /pipelines/{stream}?from=0&limit=1000} reads
 * the log back as a JSON array with one record a line, which only the emulator has.
 *
 * <p>A log loses its oldest records once they are in the archive: a read from before {@code
 * X-First-Offset} begins there.
 */
final class PipelineRoutes {
  static final String PREFIX = "/pipelines/";

  /** The platform's bound for one request. */
  static final int MAX_BODY_BYTES = 5_000_000;

  private static final int DEFAULT_LIMIT = 1_000;
  private static final int MAX_LIMIT = 10_000;
  private static final long MAX_ANSWER_BYTES = 8L << 20;

  private final Streams pipeline;
  private final Faults faults;
  private final Executor answers;

  PipelineRoutes(Streams pipeline, Faults faults, Executor answers) {
    this.pipeline = pipeline;
    this.faults = faults;
    this.answers = answers;
  }

  void handle(Context ctx, String method, String stream) throws IOException {
    if (stream.indexOf('/') >= 0 || stream.isEmpty()) {
      Answer.of(new HttpError(404, "NOT_FOUND", "there is nothing at " + ctx.path())).to(ctx);
    } else if (!Route.isNamespace(stream)) {
      invalid(ctx, "a stream's name is 1 to 128 characters of A-Z a-z 0-9 . _ -, found " + stream);
    } else if (method.equals("POST")) {
      ingest(ctx, stream);
    } else if (method.equals("GET")) {
      read(ctx, stream);
    } else {
      Answer.of(new HttpError(405, "VALIDATION_ERROR", ctx.path() + " takes POST and GET")).to(ctx);
    }
  }

  private void ingest(Context ctx, String stream) throws IOException {
    byte[] body = ctx.req().getInputStream().readNBytes(MAX_BODY_BYTES + 1);
    if (body.length > MAX_BODY_BYTES) {
      // What is left of the body is not read, so the connection cannot be used again.
      ctx.header("Connection", "close");
      Answer.of(
              new HttpError(
                  413, "PAYLOAD_TOO_LARGE", "a send is at most " + MAX_BODY_BYTES + " bytes"))
          .to(ctx);
      return;
    }
    List<String> records;
    try {
      records = JsonRecords.of(body);
    } catch (JsonParseException e) {
      invalid(ctx, e.getMessage());
      return;
    }
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    faults.send(
        done -> pipeline.send(stream, records, done),
        answerOf(records.size(), answer),
        () -> answer.complete(unavailable("the Pipeline hung and dropped this send")));
    Answer.later(answer, ctx, answers);
  }

  private void read(Context ctx, String stream) throws IOException {
    long asked = number(ctx.queryParam("from"), 0);
    long limit = number(ctx.queryParam("limit"), DEFAULT_LIMIT);
    if (asked < 0) {
      invalid(ctx, "from must be a whole number from 0, got " + ctx.queryParam("from"));
      return;
    }
    if (limit < 1 || limit > MAX_LIMIT) {
      String must = "limit must be a whole number from 1 to " + MAX_LIMIT;
      invalid(ctx, must + ", got " + ctx.queryParam("limit"));
      return;
    }
    long first = pipeline.first(stream);
    long from = Math.max(asked, first);
    List<String> records = pipeline.read(stream, from, (int) limit, MAX_ANSWER_BYTES);
    ctx.header("X-First-Offset", Long.toString(first));
    ctx.header("X-Next-Offset", Long.toString(from + records.size()));
    Answer.json("[" + String.join(",\n", records) + "]\n").to(ctx);
  }

  /** The number in a query parameter, or -1 when it is no number. */
  private static long number(String text, long absent) {
    if (text == null) {
      return absent;
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static void invalid(Context ctx, String message) {
    Answer.of(new HttpError(400, "VALIDATION_ERROR", message)).to(ctx);
  }

  private static Answer unavailable(String message) {
    return Answer.of(new HttpError(503, "UNAVAILABLE", message));
  }

  private static Completion answerOf(int records, CompletableFuture<Answer> answer) {
    return new Completion() {
      @Override
      public void succeeded() {
        answer.complete(Answer.json("{\"accepted\":" + records + "}"));
      }

      @Override
      public void failed(String error) {
        answer.complete(unavailable(error));
      }
    };
  }
}
