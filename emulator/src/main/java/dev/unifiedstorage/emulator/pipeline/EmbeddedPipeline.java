package dev.unifiedstorage.emulator.pipeline;

import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.PipelineRecord;
import dev.unifiedstorage.port.StoreObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The emulator's own Pipeline: every stream an fsynced log under {@code {data}/pipeline/{stream}}.
 *
 * <p>A send that was accepted is on disk, whole, and survives SIGKILL and a power cut. One thread
 * writes: sends of all objects that came while it was busy go out in one write and one sync a
 * stream (group commit), so a hundred busy objects cost no more syncs than one. The queue before it
 * is bounded by sends and by bytes; past that a send fails at once, and its sender tries again
 * later.
 */
public final class EmbeddedPipeline implements Streams {
  /** The stream that stores send their events to. */
  public static final String EVENTS = "events";

  /** As on the platform; here it also bounds the open files. */
  private static final int MAX_STREAMS = 20;

  private static final int QUEUED_SENDS = 10_000;
  private static final long QUEUED_CHARS = 128L << 20;
  private static final int GROUP_SENDS = 1_000;

  /** The one that is written to, and a full one before it. */
  private static final int KEPT_SEGMENTS = 2;

  /** One send on its way to the disk. */
  private record Append(String stream, String lines, int records, Completion completion) {}

  private static final Append STOP = new Append("", "", 0, null);

  private final Path folder;
  private final StoreObserver observer;
  private final BlockingQueue<Append> queue = new ArrayBlockingQueue<>(QUEUED_SENDS);
  private final AtomicLong queuedChars = new AtomicLong();
  private final Map<String, StreamLog> logs = new ConcurrentHashMap<>();
  private final Thread writer = new Thread(this::write, "pipeline");

  /**
   * @param folder one folder a stream is kept in it
   */
  public EmbeddedPipeline(Path folder, StoreObserver observer) {
    this.folder = folder;
    this.observer = observer;
    writer.setDaemon(true);
    writer.start();
  }

  @Override
  public Pipeline stream(String stream, Json json) {
    return (records, completion) -> {
      // Rendered here, because records belong to their object's event loop.
      JsonWriter lines = json.writer();
      int last = records.size() - 1;
      for (int i = 0; i <= last; i++) {
        PipelineRecord record = records.get(i);
        record.writeTo(lines);
        lines.raw(i == last ? " \n" : "\n");
      }
      append(stream, lines.text(), records.size(), completion);
    };
  }

  @Override
  public void send(String stream, List<String> records, Completion completion) {
    append(
        stream,
        records.isEmpty() ? "" : String.join("\n", records) + " \n",
        records.size(),
        completion);
  }

  @Override
  public List<String> read(String stream, long from, int limit, long maxBytes) throws IOException {
    return exists(stream) ? log(stream).read(from, limit, maxBytes) : List.of();
  }

  @Override
  public long first(String stream) throws IOException {
    return exists(stream) ? log(stream).first() : 0;
  }

  @Override
  public long end(String stream) throws IOException {
    return exists(stream) ? log(stream).end() : 0;
  }

  /**
   * Follows a stream's log from an offset on.
   *
   * @param from not before {@link #first}
   */
  public LogFollower follow(String stream, long from) {
    return new LogFollower(() -> log(stream), from);
  }

  /**
   * Deletes segments of which every record lies before {@code offset}, because it is kept elsewhere
   * by now. The last segments stay, so that people find the recent records here.
   */
  public void cut(String stream, long offset) throws IOException {
    if (exists(stream)) {
      log(stream).cut(offset, KEPT_SEGMENTS);
    }
  }

  /** Writes what is queued and stops; what is sent afterwards fails. */
  @Override
  public void close() throws InterruptedException {
    queue.put(STOP);
    writer.join();
    for (StreamLog log : logs.values()) {
      try {
        log.close();
      } catch (IOException e) {
        observer.error("a stream in " + folder + " could not be closed: " + e);
      }
    }
  }

  private void append(String stream, String lines, int records, Completion completion) {
    if (records == 0) {
      completion.succeeded();
      return;
    }
    Append append = new Append(stream, lines, records, completion);
    if (queuedChars.addAndGet(lines.length()) > QUEUED_CHARS
        || !writer.isAlive()
        || !queue.offer(append)) {
      queuedChars.addAndGet(-lines.length());
      completion.failed(
          writer.isAlive()
              ? "the Pipeline's queue is full: " + queue.size() + " sends wait for the disk"
              : "the Pipeline is shut down");
    }
  }

  private void write() {
    List<Append> group = new ArrayList<>();
    boolean open = true;
    while (open) {
      group.clear();
      try {
        group.add(queue.take());
      } catch (InterruptedException e) {
        return;
      }
      queue.drainTo(group, GROUP_SENDS);
      open = !group.removeIf(append -> append == STOP);
      Set<String> streams = new LinkedHashSet<>();
      for (Append append : group) {
        queuedChars.addAndGet(-append.lines.length());
        streams.add(append.stream);
      }
      for (String stream : streams) {
        writeGroup(stream, group.stream().filter(append -> append.stream.equals(stream)).toList());
      }
    }
  }

  private void writeGroup(String stream, List<Append> group) {
    try {
      StreamLog log = log(stream);
      try {
        for (Append append : group) {
          log.append(
              ByteBuffer.wrap(append.lines.getBytes(StandardCharsets.UTF_8)), append.records);
        }
        log.force();
      } catch (IOException e) {
        reopen(stream, log);
        throw e;
      }
      group.forEach(append -> append.completion.succeeded());
    } catch (IOException e) {
      String error = "stream " + stream + " in " + folder + " could not be written: " + e;
      observer.error(error);
      group.forEach(append -> append.completion.failed(error));
    }
  }

  /**
   * Makes sure that the next send does not follow a half-written one: the log is cut back, or, when
   * not even that works, opened anew by the next send.
   */
  private void reopen(String stream, StreamLog log) {
    try {
      log.undo();
    } catch (IOException e) {
      logs.remove(stream);
      observer.error("stream " + stream + " in " + folder + " could not be cut back: " + e);
    }
  }

  private boolean exists(String stream) {
    return logs.containsKey(stream) || Files.isDirectory(streamFolder(stream));
  }

  private StreamLog log(String stream) throws IOException {
    StreamLog log = logs.get(stream);
    if (log != null) {
      return log;
    }
    synchronized (logs) {
      log = logs.get(stream);
      if (log == null) {
        if (logs.size() >= MAX_STREAMS) {
          throw new IOException("an account has at most " + MAX_STREAMS + " streams");
        }
        log = StreamLog.open(streamFolder(stream), StreamLog.SEGMENT_BYTES);
        logs.put(stream, log);
      }
      return log;
    }
  }

  /** See {@code StoreFiles}: a stream's name must be a folder's name on every file system. */
  private Path streamFolder(String stream) {
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < stream.length(); i++) {
      char c = stream.charAt(i);
      boolean plain = c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-';
      if (plain || c == '.' && i > 0) {
        name.append(c);
      } else {
        name.append('%').append(Integer.toHexString(c));
      }
    }
    return folder.resolve(name.toString());
  }
}
