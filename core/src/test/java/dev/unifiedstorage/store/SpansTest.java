package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.SilentObserver;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.Completion;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.Pipeline;
import dev.unifiedstorage.port.Platform;
import dev.unifiedstorage.port.Tracer;
import dev.unifiedstorage.protocol.Limits;
import dev.unifiedstorage.protocol.Operation;
import dev.unifiedstorage.protocol.Request;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The spans of a store. */
final class SpansTest {
  private final TestStore store = new TestStore();
  private final List<Recorded> ended = new ArrayList<>();

  @AfterEach
  void close() {
    store.close();
  }

  /** A span, which is in the list once it has ended. */
  private final class Recorded implements Tracer.Span {
    private final String name;
    private final double startMs;
    private final Map<String, String> attributes = new TreeMap<>();
    private double endMs;
    private String error = "";

    Recorded(String name, double startMs) {
      this.name = name;
      this.startMs = startMs;
    }

    @Override
    public void set(String attribute, String value) {
      attributes.put(attribute.replace("unified_storage.", ""), value);
    }

    @Override
    public void set(String attribute, double value) {
      set(attribute, Integer.toString((int) value));
    }

    @Override
    public void end(double at, String why) {
      endMs = at;
      error = why;
      ended.add(this);
    }
  }

  private void start() {
    store.tracer = Recorded::new;
    store.start();
  }

  private void create(String id) {
    store.send("{'type':'create','id':1,'$type':'Card','data':{'$id':'" + id + "'}}");
  }

  /** The spans of a name. */
  private List<Recorded> of(String name) {
    return ended.stream().filter(span -> span.name.equals("unified_storage." + name)).toList();
  }

  @Test
  void aSendIsASpanFromItsBeginningToItsEnd() {
    store.with("DURABILITY", "pipeline");
    start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    double sentMs = store.time.nowMs();
    create("a");
    store.time.advance(30);
    assertEquals(List.of(), of("send"));
    store.pipeline.releaseHeld();
    Recorded send = of("send").get(0);
    assertEquals(sentMs, send.startMs);
    assertEquals(sentMs + 30, send.endMs);
    assertEquals("", send.error);
    // The fence of the life, and the event.
    assertEquals(Map.of("namespace", "test", "records", "2", "duration_ms", "30"), send.attributes);
  }

  @Test
  void aSendThatFailsSaysWhy() {
    store.with("DURABILITY", "pipeline");
    start();
    store.pipeline.setMode(FakePipeline.Mode.REJECT);
    create("a");
    assertTrue(!of("send").get(0).error.isEmpty());
  }

  /** A span of a send that threw was never closed. */
  @Test
  void aSendThatThrowsOrIsAnsweredTwiceEndsOnce() {
    Spans spans = new Spans("test", ports(Recorded::new), new SlowRequests());
    Completion completion = new Answers();
    Pipeline twice =
        spans.pipeline(
            (records, answer) -> {
              answer.succeeded();
              answer.failed("late");
            });
    twice.send(List.of(), completion);
    assertEquals(List.of(""), of("send").stream().map(span -> span.error).toList());
    ended.clear();
    Pipeline throwing =
        spans.pipeline(
            (records, answer) -> {
              throw new IllegalStateException("no socket");
            });
    assertThrows(IllegalStateException.class, () -> throwing.send(List.of(), completion));
    assertEquals("the send threw: no socket", of("send").get(0).error);
  }

  /** Does nothing with either. */
  private static final class Answers implements Completion {
    @Override
    public void succeeded() {}

    @Override
    public void failed(String error) {}
  }

  @Test
  void aCheckpointIsASpan() {
    start();
    create("a");
    store.time.advance(51);
    store.post("checkpoint");
    Map<String, String> attributes = new TreeMap<>(of("checkpoint").get(0).attributes);
    assertEquals("1", attributes.get("things"));
    assertEquals("manual", attributes.get("trigger"));
    create("b");
    store.time.advance(51);
    store.sql.setFailing(true);
    store.post("checkpoint");
    assertTrue(of("checkpoint").get(1).error.contains("as the test wants"));
  }

  @Test
  void aStartIsASpan() {
    start();
    create("a");
    store.time.advance(51);
    store.restart();
    assertEquals("empty", of("recovery").get(0).attributes.get("source"));
    assertEquals("1", of("recovery").get(1).attributes.get("things"));
    store.sql.damage();
    store.restart();
    assertTrue(of("recovery").get(2).error.contains("malformed"), of("recovery").get(2).error);
  }

  @Test
  void aRebuildIsASpanFromItsBeginningToItsEnd() {
    store.withArchive();
    start();
    create("a");
    store.time.advance(51);
    store.post("rebuild");
    store.time.advance(60_000);
    assertEquals(1, of("rebuild").size());
    assertEquals("iceberg", of("rebuild").get(0).attributes.get("source"));
    assertEquals("1", of("rebuild").get(0).attributes.get("things"));
  }

  @Test
  void aRequestThatWaitsLongIsASpanAndNoOther() {
    store.with("DURABILITY", "pipeline");
    start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    create("a");
    store.time.advance(99);
    store.pipeline.releaseHeld();
    assertEquals(List.of(), of("request"));
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    double askedMs = store.time.nowMs();
    create("b");
    store.time.advance(100);
    store.pipeline.releaseHeld();
    Recorded request = of("request").get(0);
    assertEquals(askedMs, request.startMs);
    assertEquals(askedMs + 100, request.endMs);
    assertEquals(
        Map.of("namespace", "test", "type", "create", "duration_ms", "100"), request.attributes);
    assertEquals(2, store.replies.size());
  }

  /** Name and attributes of each span are in the page, and the page has no other. */
  @Test
  void thePageHasEverySpan() throws IOException {
    store.withArchive().with("DURABILITY", "pipeline");
    start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    create("a");
    store.time.advance(100);
    store.pipeline.releaseHeld();
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.post("rebuild");
    store.time.advance(60_000);
    Map<String, String> made = new TreeMap<>();
    for (Recorded span : ended) {
      Set<String> own = new TreeSet<>(span.attributes.keySet());
      own.removeAll(Set.of("namespace", "duration_ms"));
      made.put(span.name, own.toString());
    }
    Map<String, String> page = new TreeMap<>();
    Matcher row =
        Pattern.compile("(?m)^\\| `(unified_storage\\.\\w+)` \\| .+ \\| (`.+`) \\|$")
            .matcher(Files.readString(Path.of("../docs/reference/metrics.md")));
    while (row.find()) {
      Set<String> own = new TreeSet<>(List.of(row.group(2).replace("`", "").split(", ")));
      page.put(row.group(1), own.toString());
    }
    assertEquals(page, made);
  }

  /** The others get no span: one slow write in a frame is one span. */
  @Test
  void theRequestsOfAFrameCountOneByOne() {
    store.with("DURABILITY", "pipeline");
    start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.send(
        "[{'type':'create','id':1,'$type':'Card','data':{'$id':'a'}},{'type':'ping','id':2}]");
    store.time.advance(100);
    store.pipeline.releaseHeld();
    assertEquals(1, of("request").size());
    assertEquals(2, store.replies.size());
  }

  /** The bound of a frame's queries did not hold where spans were followed. */
  @Test
  void whoFollowsSpansGetsEverythingElseAsItIs() {
    store.with("MAX_SCAN", "1");
    start();
    create("a");
    List<String> counts = new ArrayList<>();
    for (int i = 0; i <= Limits.FRAME_SCANS; i++) {
      counts.add("{'type':'count','id':" + i + ",'$type':'Card','where':{'n':1}}");
    }
    store.replies.clear();
    store.send("[" + String.join(",", counts) + "]");
    long refused =
        store.replies.stream().filter(reply -> "OVERLOADED".equals(reply.string("code"))).count();
    assertEquals(1, refused);
    Connection followed =
        new Spans("test", ports(Recorded::new), new SlowRequests())
            .request(store.connection(), new Request("1", new Operation.Ping(), 0, null));
    for (Method method : Connection.class.getMethods()) {
      assertDoesNotThrow(
          () -> followed.getClass().getDeclaredMethod(method.getName(), method.getParameterTypes()),
          "it has to pass on what it does not know");
    }
  }

  private StorePorts ports(@Nullable Tracer tracer) {
    Platform platform =
        new Platform(store.json, store.time, store.time, null, new SilentObserver());
    return StorePorts.builder(platform, "writer")
        .pipeline(store.pipeline)
        .sql(store.sql)
        .tracer(tracer)
        .build();
  }

  @Test
  void whereNobodyFollowsNothingIsMade() {
    Pipeline pipeline = store.pipeline;
    Spans spans = new Spans("test", ports(null), new SlowRequests());
    assertSame(pipeline, spans.pipeline(pipeline));
    assertSame(Spans.Span.NONE, spans.recovery(false));
  }
}
