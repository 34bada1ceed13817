package dev.unifiedstorage.emulator.http;

import dev.unifiedstorage.emulator.object.HttpError;
import dev.unifiedstorage.emulator.pipeline.Faults;
import dev.unifiedstorage.emulator.pipeline.Faults.PipelineMode;
import dev.unifiedstorage.emulator.pipeline.Faults.SinkMode;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonParseException;
import dev.unifiedstorage.query.Mismatch;
import dev.unifiedstorage.query.Value;
import io.javalin.http.Context;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * {@code PUT /faults}: makes the Pipeline or the sink misbehave, or the process die, on request.
 *
 * <p>A body says any part of {@code
 * {"pipeline":{"mode":"ok|reject|hang|duplicate","delayMs":0},"sink":{"mode":"ok|stall|drop"},"crash":"now"}}
 * and is checked whole before any of it counts. The answer is what is in force, and how many sends
 * hang.
 */
final class FaultRoutes {
  static final String PATH = "/faults";

  private static final int MAX_BODY_BYTES = 10_000;
  private static final int MAX_DELAY_MS = 3_600_000;

  private static final JsoniterJson JSON = new JsoniterJson();

  private final Faults faults;

  FaultRoutes(Faults faults) {
    this.faults = faults;
  }

  void handle(Context ctx, String method) throws IOException {
    if (!method.equals("PUT")) {
      Answer.of(new HttpError(405, "VALIDATION_ERROR", PATH + " takes PUT")).to(ctx);
      return;
    }
    try {
      byte[] body = ctx.req().getInputStream().readNBytes(MAX_BODY_BYTES);
      set(JSON.parse(new String(body, StandardCharsets.UTF_8)));
    } catch (JsonParseException | IllegalArgumentException e) {
      Answer.of(new HttpError(400, "VALIDATION_ERROR", e.getMessage())).to(ctx);
      return;
    }
    Answer.json(inForce()).to(ctx);
  }

  private void set(JsonObject body) {
    onlyKeys(body, "the body", List.of("pipeline", "sink", "crash"));
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
