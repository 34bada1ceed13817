package dev.unifiedstorage.benchmark.cost;

import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonValue;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.PipelineRecord;
import java.util.List;

/** A Pipeline that accepts everything after a while, and counts the bytes of its records' JSON. */
final class CountingPipeline implements Pipeline {
  /** How long a send takes. */
  private static final double LATENCY_MS = 20;

  private final SimulatedTime time;
  private final Counter counter;
  private double sends;
  private double records;

  CountingPipeline(SimulatedTime time, Json json) {
    this.time = time;
    this.counter = new Counter(json);
  }

  @Override
  public void send(List<? extends PipelineRecord> batch, Completion completion) {
    sends++;
    records += batch.size();
    for (PipelineRecord record : batch) {
      record.writeTo(counter);
    }
    // A timer, because the answer is waited for: the object cannot hibernate meanwhile.
    time.after(LATENCY_MS, completion::succeeded);
  }

  double sends() {
    return sends;
  }

  double records() {
    return records;
  }

  double bytes() {
    return counter.bytes;
  }

  /** Counts instead of writing; the simulated texts are ASCII and need no escapes. */
  private static final class Counter implements JsonWriter {
    private final Json json;
    private double bytes;

    private Counter(Json json) {
      this.json = json;
    }

    @Override
    public JsonWriter raw(String text) {
      bytes += text.length();
      return this;
    }

    @Override
    public JsonWriter string(String value) {
      bytes += value.length() + 2;
      return this;
    }

    @Override
    public JsonWriter number(double value) {
      bytes += value == Math.rint(value) ? digits(value) : Double.toString(value).length();
      return this;
    }

    private static int digits(double whole) {
      int digits = whole < 0 ? 2 : 1;
      for (double rest = Math.abs(whole); rest >= 10; rest /= 10) {
        digits++;
      }
      return digits;
    }

    @Override
    public JsonWriter object(JsonObject value) {
      return raw(json.writer().object(value).text());
    }

    @Override
    public JsonWriter value(JsonValue value) {
      return raw(json.writer().value(value).text());
    }

    @Override
    public int length() {
      return (int) bytes;
    }

    @Override
    public String text() {
      throw new UnsupportedOperationException("nothing is kept");
    }
  }
}
