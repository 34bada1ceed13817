package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonArray;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.protocol.RequestType;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which requests the stats say were the slowest. */
final class SlowRequestsTest {
  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  private List<JsonObject> told() {
    JsonArray slowest = store.stats().array("slowest");
    return IntStream.range(0, slowest.size()).mapToObj(slowest::object).toList();
  }

  /** Writes that are acknowledged after a time. */
  private void slowly(double ms, String... messages) {
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    for (String message : messages) {
      store.send(message);
    }
    store.time.advance(ms);
    store.pipeline.releaseHeld();
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
  }

  @Test
  void whatWaitedIsToldTheSlowestFirst() {
    store.with("DURABILITY", "pipeline").start();
    assertEquals(List.of(), told());
    String create = "{'type':'create','id':1,'$type':'Card','data':{'$id':'a','secret':'hush'}}";
    slowly(30, create);
    slowly(70, "{'type':'update','id':2,'$id':'a','data':{'secret':'hush'}}");
    double atMs = store.time.nowMs();
    store.send("{'type':'ping','id':3}");
    List<JsonObject> told = told();
    assertEquals(2, told.size(), "what took no time is not slow");
    JsonObject update = told.get(0);
    assertEquals(List.of("type", "ms", "atMs", "chars", "replyChars"), update.keys());
    assertEquals("update", update.string("type"));
    assertEquals(70, update.number("ms"));
    assertEquals(atMs, update.number("atMs"));
    JsonObject created = told.get(1);
    assertEquals("create", created.string("type"));
    assertEquals("Card", created.string("$type"));
    assertEquals(30, created.number("ms"));
    assertEquals(create.length(), created.number("chars"));
    assertEquals(
        "{\"id\":1,\"status\":\"ack\",\"$id\":\"a\",\"$version\":1}".length(),
        created.number("replyChars"));
    assertFalse(store.get("stats").contains("hush"));
  }

  @Test
  void whatWasRefusedAfterItHadWaitedSaysItsCode() {
    store.with("DURABILITY", "local").start();
    store.createAcked("a");
    store.create("b", "1");
    store.sql.setFailing(true);
    store.time.advance(1_000);
    assertEquals("UNAVAILABLE", store.lastReply().string("code"));
    JsonObject refused = told().get(0);
    assertEquals("create", refused.string("type"));
    assertEquals("UNAVAILABLE", refused.string("code"));
  }

  /** An id is the client's, and could look like the beginning of an error. */
  @Test
  void anIdMakesNoCode() {
    store.with("DURABILITY", "pipeline").start();
    String id = "1,\\\"status\\\":\\\"error\\\",\\\"code\\\":\\\"MINE\\\"";
    slowly(30, "{'type':'create','$type':'Card','data':{'$id':'a'},'id':'" + id + "'}");
    assertFalse(told().get(0).keys().contains("code"), () -> store.get("stats"));
  }

  /** Of a frame those that wait are slow, with their share of it. */
  @Test
  void theRequestsOfAFrameAreToldOneByOne() {
    store.with("DURABILITY", "pipeline").start();
    String frame =
        "[{'type':'create','id':1,'$type':'Card','data':{'$id':'a'}},{'type':'ping','id':2}]";
    slowly(30, frame);
    assertEquals(1, told().size());
    int share = frame.length() / 2;
    assertEquals(share, told().get(0).number("chars"));
  }

  /** What comes while the archive is asked whether the store is new waits for up to 3 s. */
  @Test
  void aSubscriptionSaysItsNameAndType() {
    store.withArchive();
    store.archive.setSilent(true);
    store.start();
    String message = "{'type':'subscribe','id':1,'sub':'mine','$type':'Card'}";
    store.store().onMessage(store.socket(), message.replace('\'', '"'));
    store.time.advance(3_000);
    JsonObject subscribe = told().get(0);
    assertEquals("subscribe", subscribe.string("type"));
    assertEquals("mine", subscribe.string("sub"));
    assertEquals("Card", subscribe.string("$type"));
    assertEquals("RECOVERING", subscribe.string("code"));
    assertEquals(3_000, subscribe.number("ms"));
  }

  private static SlowRequests.Slow slow(double tookMs, double atMs) {
    return new SlowRequests.Slow(RequestType.CREATE, null, null, tookMs, atMs, 0, 0, "");
  }

  private static void answered(SlowRequests slow, double tookMs, double atMs) {
    if (slow.takes(tookMs, atMs)) {
      slow.add(slow(tookMs, atMs));
    }
  }

  private static List<Double> times(SlowRequests slow, double nowMs) {
    return slow.told(nowMs).stream().map(SlowRequests.Slow::tookMs).toList();
  }

  @Test
  void tenAreKeptTheSlowestOfThem() {
    SlowRequests slow = new SlowRequests();
    for (int i = 1; i <= 30; i++) {
      answered(slow, 7 * i % 31, 1_000 + i);
    }
    assertEquals(
        List.of(30.0, 29.0, 28.0, 27.0, 26.0, 25.0, 24.0, 23.0, 22.0, 21.0), times(slow, 2_000));
    assertFalse(slow.takes(21, 2_000));
    assertTrue(slow.takes(22, 2_000));
  }

  /** Ten that were very slow would else keep out whatever comes in the minutes behind them. */
  @Test
  void whatIsOldLeavesAndDoesNotKeepOthersOut() {
    double minuteMs = 60_000;
    SlowRequests slow = new SlowRequests();
    for (int i = 0; i < SlowRequests.MOST; i++) {
      answered(slow, 5_000, 4 * minuteMs);
    }
    for (int i = 0; i < SlowRequests.MOST; i++) {
      answered(slow, 200, 6 * minuteMs);
    }
    assertEquals(5_000, times(slow, 9 * minuteMs).get(9));
    assertEquals(SlowRequests.MOST, times(slow, 10 * minuteMs).size());
    assertEquals(200, times(slow, 10 * minuteMs).get(0));
    assertEquals(List.of(), times(slow, 15 * minuteMs));
  }

  @Test
  void whatAClockThatJumpedLeavesBehindIsForgotten() {
    SlowRequests slow = new SlowRequests();
    answered(slow, 50, 20 * SlowRequests.WINDOW_MS);
    answered(slow, 40, 10 * SlowRequests.WINDOW_MS);
    assertEquals(List.of(40.0), times(slow, 10 * SlowRequests.WINDOW_MS));
    assertFalse(slow.takes(-1, 10 * SlowRequests.WINDOW_MS));
  }
}
