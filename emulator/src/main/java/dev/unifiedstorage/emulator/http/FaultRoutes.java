package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.emulator.object.DurableObjects;
import dev.unifiedstorage.emulator.object.HttpError;
import dev.unifiedstorage.emulator.pipeline.Faults;
import dev.unifiedstorage.emulator.pipeline.Faults.PipelineMode;
import dev.unifiedstorage.emulator.pipeline.Faults.SinkMode;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonParseException;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.query.Mismatch;
import dev.unifiedstorage.query.Value;
import io.javalin.http.Context;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * {@code PUT /faults}: makes the Pipeline or the sink misbehave, a store lose its memory, or the
 * process die, on request.
 *
 * <p>A body says any part of {@code
 * {"pipeline":{"mode":"ok|reject|hang|duplicate","delayMs":0},"sink":{"mode":"ok|stall|drop"},"evict":"a
 * namespace","lose":"a namespace","crash":"now"}} and is checked whole before any of it counts.
 * {@code evict} makes a store leave the memory as an idle one does, {@code lose} without a warning,
 * as by the death of its process. The answer is what is in force, and how many sends hang; it comes
 * when a store that was named has left.
 */
final class FaultRoutes {
  static final String PATH = "/faults";

  private static final int MAX_BODY_BYTES = 10_000;
  private static final int MAX_DELAY_MS = 3_600_000;

  private static final JsoniterJson JSON = new JsoniterJson();

  private final Faults faults;
  private final DurableObjects objects;
  private final Executor answers;

  FaultRoutes(Faults faults, DurableObjects objects, Executor answers) {
    this.faults = faults;
    this.objects = objects;
    this.answers = answers;
  }

  void handle(Context ctx, String method) throws IOException {
    if (!method.equals("PUT")) {
      Answer.of(new HttpError(405, "VALIDATION_ERROR", PATH + " takes PUT")).to(ctx);
      return;
    }
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    try {
      byte[] body = ctx.req().getInputStream().readNBytes(MAX_BODY_BYTES);
      set(JSON.parse(new String(body, StandardCharsets.UTF_8)), answer);
    } catch (JsonParseException | IllegalArgumentException e) {
      Answer.of(new HttpError(400, "VALIDATION_ERROR", e.getMessage())).to(ctx);
      return;
    }
    Answer.later(answer, ctx, answers);
  }

  private void set(JsonObject body, CompletableFuture<Answer> answer) {
    onlyKeys(body, "the body", List.of("pipeline", "sink", "evict", "lose", "crash"));
    String evicted = namespace(body, "evict");
    String losing = namespace(body, "lose");
    if (evicted != null && losing != null) {
      throw new IllegalArgumentException("lose: expected none beside evict");
    }
    PipelineMode pipelineMode = faults.pipelineMode();
    double delayMs = faults.delayMs();
    SinkMode sinkMode = faults.sinkMode();
    JsonObject pipeline = section(body, "pipeline");
    if (pipeline != null) {
      onlyKeys(pipeline, "pipeline", List.of("mode", "delayMs"));
      pipelineMode = mode(pipeline, "pipeline", PipelineMode.class, pipelineMode);
      delayMs = delay(pipeline, delayMs);
    }
    JsonObject sink = section(body, "sink");
    if (sink != null) {
      onlyKeys(sink, "sink", List.of("mode"));
      sinkMode = mode(sink, "sink", SinkMode.class, sinkMode);
    }
    boolean crash = body.kind("crash") != JsonKind.ABSENT;
    if (crash && (body.kind("crash") != JsonKind.STRING || !body.string("crash").equals("now"))) {
      throw new IllegalArgumentException(Mismatch.of(body, "crash", "\"now\"", JSON));
    }
    if (crash) {
      faults.crash();
    }
    faults.pipeline(pipelineMode, (long) delayMs);
    faults.sink(sinkMode);
    Completion left = answering(answer);
    if (evicted != null) {
      objects.evict(evicted, left);
    } else if (losing != null) {
      objects.withFile(losing, true, file -> left.succeeded());
    } else {
      left.succeeded();
    }
  }

  private Completion answering(CompletableFuture<Answer> answer) {
    return new Completion() {
      @Override
      public void succeeded() {
        answer.complete(Answer.json(inForce()));
      }

      @Override
      public void failed(String error) {
        answer.complete(Answer.of(new HttpError(503, "UNAVAILABLE", error)));
      }
    };
  }

  /** The namespace that a member names; null when there is no such member. */
  private static String namespace(JsonObject body, String key) {
    if (body.kind(key) == JsonKind.ABSENT) {
      return null;
    }
    if (body.kind(key) != JsonKind.STRING || !Route.isNamespace(body.string(key))) {
      throw new IllegalArgumentException(key + ": expected the name of a store");
    }
    return body.string(key);
  }

  private String inForce() {
    return "{\"pipeline\":{\"mode\":\"%s\",\"delayMs\":%d,\"held\":%d},\"sink\":{\"mode\":\"%s\"}}"
        .formatted(
            name(faults.pipelineMode()),
            faults.delayMs(),
            faults.heldSends(),
            name(faults.sinkMode()));
  }

  private static JsonObject section(JsonObject body, String key) {
    return switch (body.kind(key)) {
      case ABSENT -> null;
      case OBJECT -> body.object(key);
      default -> throw new IllegalArgumentException(Mismatch.of(body, key, "an object", JSON));
    };
  }

  private static void onlyKeys(JsonObject object, String what, List<String> known) {
    for (String key : object.keys()) {
      if (!known.contains(key)) {
        throw new IllegalArgumentException(
            what + ": expected only " + String.join(", ", known) + ", found " + key);
      }
    }
  }

  private static double delay(JsonObject pipeline, double current) {
    return switch (pipeline.kind("delayMs")) {
      case ABSENT -> current;
      case NUMBER -> {
        double delay = pipeline.number("delayMs");
        if (delay < 0 || delay > MAX_DELAY_MS || delay != Math.rint(delay)) {
          throw wrongDelay(pipeline);
        }
        yield delay;
      }
      default -> throw wrongDelay(pipeline);
    };
  }

  private static IllegalArgumentException wrongDelay(JsonObject pipeline) {
    String must = "whole milliseconds from 0 to " + MAX_DELAY_MS;
    Value delay = Value.of(pipeline, "delayMs");
    return new IllegalArgumentException(Mismatch.of("pipeline.delayMs", must, delay, JSON));
  }

  private static <E extends Enum<E>> E mode(
      JsonObject section, String name, Class<E> modes, E current) {
    if (section.kind("mode") == JsonKind.ABSENT) {
      return current;
    }
    String wanted = section.kind("mode") == JsonKind.STRING ? section.string("mode") : "";
    StringBuilder known = new StringBuilder();
    for (E mode : modes.getEnumConstants()) {
      if (name(mode).equals(wanted)) {
        return mode;
      }
      known.append(known.isEmpty() ? "" : ", ").append(name(mode));
    }
    throw new IllegalArgumentException(
        name + ".mode: expected one of " + known + ", found \"" + wanted + "\"");
  }

  private static String name(Enum<?> mode) {
    return mode.name().toLowerCase(Locale.ROOT);
  }
}
