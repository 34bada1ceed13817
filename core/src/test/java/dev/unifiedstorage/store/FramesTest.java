package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.Tracer;
import dev.unifiedstorage.protocol.Limits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests in arrays: each is answered as if it had come alone, and replies leave together. */
final class FramesTest {
  private final TestStore store = new TestStore();
  private final List<String> texts = new ArrayList<>();
  private final Connection connection = texts::add;

  @AfterEach
  void close() {
    store.close();
  }

  private void say(String text) {
    store.store().onMessage(connection, text.replace('\'', '"'));
  }

  private static String create(String id) {
    return "{'type':'create','id':'" + id + "','$type':'T','data':{'$id':'" + id + "'}}";
  }

  private static String frame(List<String> requests) {
    return "[" + String.join(",", requests) + "]";
  }

  @Test
  void whatIsReadyTogetherLeavesAsOneArray() {
    store.with("DURABILITY", "memory").start();
    say(frame(List.of(create("a"), "{'type':'ping','id':2}", "{'type':'read','id':3,'$ids':[]}")));
    assertEquals(
        List.of(
            "[{\"id\":2,\"status\":\"ok\"},{\"id\":3,\"status\":\"ok\",\"things\":{}},"
                + "{\"id\":\"a\",\"status\":\"ack\",\"$id\":\"a\",\"$version\":1}]"),
        texts);
    texts.clear();
    say(frame(List.of("{'type':'ping','id':4}")));
    assertEquals(List.of("{\"id\":4,\"status\":\"ok\"}"), texts);
  }

  @Test
  void aFrameIsOneSendAndWhatWaitsForItLeavesTogether() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    say(frame(List.of(create("a"), "{'type':'ping','id':2}", create("b"), create("c"))));
    assertEquals(List.of("{\"id\":2,\"status\":\"ok\"}"), texts, "a ping waits for nothing");
    store.pipeline.releaseHeld();
    assertEquals(2, texts.size(), texts::toString);
    assertEquals(3, texts.get(1).split("\"status\":\"ack\"", -1).length - 1);
    assertTrue(texts.get(1).startsWith("[{\"id\":\"a\""), texts::toString);
    assertEquals(List.of(1.0, 2.0, 3.0), store.sent());
  }

  /** The reply to the frame was sent behind that to the request that came after it. */
  @Test
  void repliesToOneSocketKeepTheirOrder() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    say(frame(List.of(create("a"))));
    say("{'type':'update','id':'u','$id':'a','data':{}}");
    say(frame(List.of("{'type':'update','id':'v','$id':'a','data':{}}")));
    store.time.advance(20);
    store.pipeline.releaseHeld();
    store.pipeline.releaseHeld();
    assertEquals(3, texts.size(), texts::toString);
    assertTrue(texts.get(0).startsWith("{\"id\":\"a\""), texts::toString);
    assertTrue(texts.get(1).startsWith("{\"id\":\"u\""), texts::toString);
    assertTrue(texts.get(2).startsWith("{\"id\":\"v\""), texts::toString);
  }

  @Test
  void aFrameIsOneRowInTheEventLog() {
    store.with("DURABILITY", "local").with("GROUP_COMMIT_MS", "50").start();
    double before = store.sql.rowsWritten();
    say(frame(List.of(create("a"), create("b"), create("c"))));
    assertEquals(1, texts.size(), texts::toString);
    double rows = store.sql.rowsWritten() - before;
    store.sql.rowsWritten();
    say(frame(List.of(create("d"), create("e"))));
    store.time.advance(60);
    assertEquals(2, texts.size(), texts::toString);
    assertEquals(1, store.sql.rowsWritten() - before - rows, "the second frame's rows");
  }

  @Test
  void anElementThatIsNoRequestFailsAlone() {
    store.with("DURABILITY", "memory").start();
    say("[7,[],{'type':'ping'},{'type':'nothing','id':1}," + create("a") + "]");
    assertEquals(1, texts.size());
    String replies = texts.get(0);
    assertEquals(2, replies.split("\\{\"id\":null,[^}]*PARSE_ERROR", -1).length - 1, replies);
    assertTrue(replies.contains("{\"id\":null,\"status\":\"error\",\"code\":\"VALIDATION_ERROR\""));
    assertTrue(replies.contains("{\"id\":1,\"status\":\"error\",\"code\":\"UNKNOWN_TYPE\""));
    assertTrue(replies.contains("{\"id\":\"a\",\"status\":\"ack\""), replies);
  }

  @Test
  void aFrameOfNothingOrTooMuchIsRefusedWhole() {
    store.with("DURABILITY", "memory").start();
    say("[]");
    List<String> many = new ArrayList<>();
    for (int i = 0; i <= 1000; i++) {
      many.add("{'type':'create','id':" + i + ",'$type':'T','data':{}}");
    }
    say(frame(many));
    assertTrue(
        texts.get(0).startsWith("{\"id\":null,\"status\":\"error\",\"code\":\"PARSE_ERROR\""));
    assertTrue(
        texts.get(1).startsWith("{\"id\":null,\"status\":\"error\",\"code\":\"VALIDATION_ERROR\""));
    assertEquals(0, store.stats().number("entries"));
    say(frame(many.subList(0, 1000)));
    assertEquals(1000, store.stats().number("entries"));
    assertEquals(3, texts.size());
  }

  @Test
  void whatIsPastTheBoundIsNotCarriedOut() {
    store.with("DURABILITY", "memory").start();
    for (int i = 0; i < 20; i++) {
      say(
          "{'type':'create','id':1,'$type':'T','data':{'$id':'"
              + ("l" + i)
              + "','x':'"
              + "x".repeat(1_000_000)
              + "'}}");
    }
    texts.clear();
    List<String> ids = new ArrayList<>();
    List<String> requests = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ids.add("'l" + i + "'");
      requests.add("{'type':'read','id':'r" + i + "','$ids':['l" + i + "']}");
    }
    String all = "{'type':'read','id':'all','$ids':[" + String.join(",", ids) + "]}";
    requests.add(
        "{'type':'batch','id':'w','operations':[{'type':'update','$id':'l0','data':{'n':1}},"
            + "{'type':'read','$ids':['l0']}]}");
    requests.add("{'type':'update','id':'u','$id':'l1','data':{'n':1}}");
    requests.add(all);
    say(frame(requests));
    assertEquals(1, texts.size());
    String replies = texts.get(0);
    assertTrue(replies.length() <= 16 * 1024 * 1024, "" + replies.length());
    assertTrue(replies.contains("{\"id\":\"r15\",\"status\":\"ok\""));
    assertTrue(replies.contains("{\"id\":\"r16\",\"status\":\"error\",\"code\":\"OVERLOADED\""));
    assertTrue(replies.contains("\"id\":\"u\",\"status\":\"ack\""), "what is small has room");
    assertTrue(
        replies.contains("{\"id\":\"all\",\"status\":\"error\",\"code\":\"PAYLOAD_TOO_LARGE\""));
  }

  @Test
  void theBoundIsInBytes() {
    store.with("DURABILITY", "memory").start();
    List<String> ids = new ArrayList<>();
    List<String> requests = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String text = "€".repeat(345_000);
      say("{'type':'create','id':1,'$type':'T','data':{'$id':'l" + i + "','x':'" + text + "'}}");
      ids.add("'l" + i + "'");
      requests.add("{'type':'read','id':'r" + i + "','$ids':['l" + i + "']}");
    }
    texts.clear();
    say(frame(requests));
    String replies = texts.get(0);
    assertTrue(replies.getBytes(StandardCharsets.UTF_8).length <= 16 * 1024 * 1024);
    assertTrue(replies.contains("{\"id\":\"r15\",\"status\":\"ok\""));
    assertTrue(replies.contains("{\"id\":\"r16\",\"status\":\"error\",\"code\":\"OVERLOADED\""));
    texts.clear();
    String read = "{'type':'read','id':1,'$ids':[" + String.join(",", ids) + "]}";
    String first = "{'type':'read','$ids':[" + String.join(",", ids.subList(0, 10)) + "]}";
    say(read);
    say(frame(List.of(read)));
    say("{'type':'batch','id':2,'operations':[" + first + "," + first + "]}");
    for (String reply : texts) {
      assertTrue(reply.contains("\"code\":\"PAYLOAD_TOO_LARGE\""));
    }
    assertEquals(3, texts.size());
  }

  /**
   * A message of a hundred kilobytes kept the store, and all that share its thread, for most of a
   * minute.
   */
  @Test
  void theQueriesOfAFrameLookAtSoMuchTogether() {
    store.with("DURABILITY", "memory").with("MAX_SCAN", "10").start();
    say(frame(IntStream.range(0, 10).mapToObj(i -> create("t" + i)).toList()));
    texts.clear();
    List<String> counts = new ArrayList<>();
    for (int i = 0; i < Limits.FRAME_SCANS + 2; i++) {
      counts.add("{'type':'count','id':" + i + ",'$type':'T','where':{'n':1}}");
    }
    counts.add("{'type':'ping','id':'ping'}");
    say(frame(counts));
    String replies = texts.get(0);
    assertEquals(Limits.FRAME_SCANS, replies.split("\"count\":0", -1).length - 1, replies);
    String refusal =
        "\"id\":5,\"status\":\"error\",\"code\":\"OVERLOADED\",\"error\":\"expected the queries of one"
            + " frame to look at fewer than 50 things together; send this request again\","
            + "\"details\":{\"retryAfterMs\":";
    assertTrue(replies.contains(refusal), replies);
    assertTrue(replies.contains("{\"id\":\"ping\",\"status\":\"ok\"}"), replies);
    texts.clear();
    say(counts.get(Limits.FRAME_SCANS));
    assertTrue(texts.get(0).contains("\"status\":\"ok\",\"count\":0"), texts::toString);
  }

  @Test
  void whatTheQueriesOfAFrameLookAtIsBoundThoughTheRequestsAreTraced() {
    store.tracer =
        (name, startMs) ->
            new Tracer.Span() {
              @Override
              public void set(String attribute, String value) {}

              @Override
              public void set(String attribute, double value) {}

              @Override
              public void end(double endMs, String error) {}
            };
    theQueriesOfAFrameLookAtSoMuchTogether();
  }

  @Test
  void whatAQueryThatFailsHasLookedAtCounts() {
    store.with("DURABILITY", "memory").with("MAX_SCAN", "10").with("MAX_ENTRIES", "5");
    store.with("COLUMNAR_THRESHOLD", "0").with("LARGE_COLLECTIONS", "normalized").start();
    say(frame(IntStream.range(0, 10).mapToObj(i -> create("t" + i)).toList()));
    store.checkpoint();
    texts.clear();
    store.sql.setReadsFail(true);
    String count = "{'type':'count','id':1,'$type':'T','where':{'n':1}}";
    say(frame(Collections.nCopies(20, count)));
    String replies = texts.get(0);
    assertEquals(10, replies.split("UNAVAILABLE", -1).length - 1, replies);
    assertEquals(10, replies.split("OVERLOADED", -1).length - 1, replies);
  }

  @Test
  void whatACountLooksAtToLeaveOutWhatHasExpiredCounts() {
    store.with("DURABILITY", "memory").with("MAX_SCAN", "1000").start();
    for (int part = 0; part < 5; part++) {
      int first = part * 1_000;
      say(
          frame(
              IntStream.range(first, first + 1_000)
                  .mapToObj(i -> create("t" + i).replace("'data'", "'expiresInMs':1000,'data'"))
                  .toList()));
    }
    texts.clear();
    String count = "{'type':'count','id':1,'$type':'T'}";
    say(frame(Collections.nCopies(4, count)));
    assertEquals(4, texts.get(0).split("\"count\":5000", -1).length - 1, "nothing has expired");
    texts.clear();
    store.time.jump(1_000);
    say(frame(Collections.nCopies(4, count)));
    String replies = texts.get(0);
    assertEquals(1, replies.split("\"count\":0", -1).length - 1, replies);
    assertEquals(3, replies.split("OVERLOADED", -1).length - 1, replies);
  }

  @Test
  void whatCannotBecomeDurableIsRefusedOneByOne() {
    store.with("DURABILITY", "local").start();
    say(create("first"));
    texts.clear();
    say(frame(List.of(create("a"), create("b"))));
    store.sql.setFailing(true);
    store.time.advance(60);
    assertEquals(1, texts.size());
    assertEquals(2, texts.get(0).split("UNAVAILABLE", -1).length - 1, texts::toString);
    store.sql.setFailing(false);
    assertEquals(1, store.stats().number("entries"));
  }
}
