package dev.unifiedstorage.emulator.pipeline;

import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.PipelineRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A Pipeline for tests: its streams are in memory, and a send is accepted before it returns.
 *
 * <p>It keeps every record until it is closed, up to {@value #MOST_CHARS} characters in all; past
 * that sends fail. Safe for use from every thread.
 */
public final class MemoryPipeline implements Streams {
  private static final long MOST_CHARS = 256L << 20;

  private record Accepted(String record, double atMs) {}

  private final Clock clock;
  private final Map<String, List<Accepted>> streams = new HashMap<>();
  private long chars;
  private boolean closed;

  public MemoryPipeline(Clock clock) {
    this.clock = clock;
  }

  @Override
  public Pipeline stream(String stream, Json json) {
    return (records, completion) -> {
      List<String> texts = new ArrayList<>(records.size());
      for (PipelineRecord record : records) {
        JsonWriter text = json.writer();
        record.writeTo(text);
        texts.add(text.text());
      }
      send(stream, texts, completion);
    };
  }

  @Override
  public void send(String stream, List<String> records, Completion completion) {
    String refusal = accept(stream, records);
    if (refusal == null) {
      completion.succeeded();
    } else {
      completion.failed(refusal);
    }
  }

  private synchronized String accept(String stream, List<String> records) {
    if (closed) {
      return "the Pipeline is shut down";
    }
    long more = records.stream().mapToLong(String::length).sum();
    if (chars + more > MOST_CHARS) {
      return "the Pipeline in memory is full: it holds " + chars + " characters of records";
    }
    chars += more;
    double nowMs = clock.nowMs();
    List<Accepted> accepted = streams.computeIfAbsent(stream, name -> new ArrayList<>());
    records.forEach(record -> accepted.add(new Accepted(record, nowMs)));
    return null;
  }

  @Override
  public synchronized List<String> read(String stream, long from, int limit, long maxBytes) {
    List<String> records = new ArrayList<>();
    long bytes = 0;
    for (Accepted accepted : from(stream, from)) {
      bytes += accepted.record.length();
      if (records.size() == limit || bytes > maxBytes && !records.isEmpty()) {
        break;
      }
      records.add(accepted.record);
    }
    return records;
  }

  /** The records from an offset on that were accepted {@code lagMs} ago or before. */
  public synchronized List<String> acceptedBefore(String stream, long from, long lagMs) {
    double nowMs = clock.nowMs();
    List<String> records = new ArrayList<>();
    for (Accepted accepted : from(stream, from)) {
      if (accepted.atMs + lagMs > nowMs) {
        break;
      }
      records.add(accepted.record);
    }
    return records;
  }

  private List<Accepted> from(String stream, long from) {
    List<Accepted> all = streams.getOrDefault(stream, List.of());
    return all.subList((int) Math.min(from, all.size()), all.size());
  }

  @Override
  public long first(String stream) {
    return 0;
  }

  @Override
  public synchronized long end(String stream) {
    return streams.getOrDefault(stream, List.of()).size();
  }

  @Override
  public synchronized void close() {
    closed = true;
  }
}
