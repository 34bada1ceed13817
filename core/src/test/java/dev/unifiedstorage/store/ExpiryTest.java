package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.protocol.Route;
import dev.unifiedstorage.state.Expiries;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Things that expire: absent from their instant on, deleted when the alarm rings. */
final class ExpiryTest {
  private static final double MINUTE_MS = 60_000;

  private final TestStore store = new TestStore();

  @AfterEach
  void close() {
    store.close();
  }

  private void start() {
    store.withArchive().with("DURABILITY", "pipeline").start();
  }

  private String create(String id, String more) {
    return answer(
        "{'type':'create','id':1,'$type':'T','data':{'$id':'" + id + "','n':1}" + more + "}");
  }

  private void ephemeral(String id, double inMs) {
    assertEquals("ack", create(id, ",'expiresInMs':" + (long) inMs));
  }

  /** The status of a reply, or the code and details of a refusal. */
  private String answer(String message) {
    JsonObject reply = store.ask(message);
    if (!reply.string("status").equals("error")) {
      return reply.string("status");
    }
    boolean details = reply.keys().contains("details");
    return reply.string("code")
        + (details ? " " + store.print(reply.object("details")).replace('"', '\'') : "");
  }

  private double count() {
    return store.ask("{'type':'count','id':1,'$type':'T'}").number("count");
  }

  private int found(String where) {
    return store
        .ask("{'type':'query','id':1,'$type':'T','where':{" + where + "}}")
        .array("things")
        .size();
  }

  private void ring() {
    store.time.jump(Math.max(0, store.time.alarmMs() - store.time.nowMs()));
    store.store().onAlarm();
    store.time.advance(10);
  }

  private void checkpoint() {
    store.time.advance(100);
    assertTrue(store.post("checkpoint").startsWith("200"));
  }

  /** Verb and payload of the last events, without versions and times. */
  private String events(int last) {
    List<JsonObject> stored = store.pipeline.stored();
    StringBuilder text = new StringBuilder();
    for (JsonObject record : stored.subList(stored.size() - last, stored.size())) {
      JsonObject payload = store.json.object().setAll(record.object("payload"));
      List.of("$updatedAt", "$createdAt", "$type").forEach(payload::remove);
      text.append(record.string("verb").substring(6)).append(' ').append(store.print(payload));
      text.append('\n');
    }
    double nowMs = store.time.nowMs();
    return text.toString().replace('"', '\'').replace(":" + (long) nowMs, ":now").strip();
  }

  @Test
  void whatHasExpiredTakesNoPlaceInAStoreOfSoManyThings() {
    store.with("MAX_THINGS", "2");
    start();
    ephemeral("goes", 1000);
    create("stays", "");
    assertEquals("QUOTA_EXCEEDED {'limit':2}", create("new", ""));
    store.time.jump(1000);
    assertEquals(1, count());
    String refused = "{'type':'create','$type':'T','data':{'$id':'x'}},{'type':'update','$id':'y'}";
    answer("{'type':'batch','id':1,'atomic':true,'operations':[" + refused + "]}");
    assertEquals("ack", create("new", ""));
    assertEquals(
        """
        deleted {'$id':'goes','$deletedAt':now,'$reason':'expired'}
        created {'$id':'new','$version':1,'n':1}""",
        events(2));
    assertEquals("QUOTA_EXCEEDED {'limit':2}", create("more", ""));
    assertEquals(2, store.stats().number("entries"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{\"T\":[[\"n\"],[\"$expiresAt\"]]}"})
  void aThingIsAbsentFromItsInstantOn(String indexes) {
    store.with("INDEXES", indexes);
    start();
    create("stays", "");
    ephemeral("goes", 1000);
    double atMs = store.time.nowMs() + 1000;
    assertEquals(atMs, store.read("goes").number("$expiresAt"));
    assertEquals(2, found("'n':1"));
    assertEquals(1, found("'$expiresAt':" + (long) atMs));
    assertEquals(1, found("'$expiresAt':{'$exists':false}"));
    store.time.jump(999);
    assertNotNull(store.read("goes"));
    assertEquals(2, count());

    store.time.jump(1);
    double applied = store.stats().number("appliedSeq");
    assertNull(store.read("goes"));
    assertEquals(1, found("'n':1"));
    assertEquals(0, found("'$expiresAt':{'$exists':true}"));
    assertEquals(1, count());
    assertEquals("ok", answer("{'type':'check','id':1,'$id':'goes','ifVersion':0}"));
    assertEquals(
        "CONFLICT {'version':0}", answer("{'type':'check','id':1,'$id':'goes','ifVersion':1}"));
    assertEquals("NOT_FOUND", answer("{'type':'update','id':1,'$id':'goes','data':{}}"));
    assertEquals("ok", answer("{'type':'delete','id':1,'$id':'goes'}"));
    assertEquals("NOT_FOUND", answer("{'type':'delete','id':1,'$id':'goes','ifVersion':1}"));
    assertEquals(
        "CONFLICT {'version':0}",
        answer("{'type':'put','id':1,'$type':'T','$id':'goes','data':{},'ifVersion':1}"));
    int[] status = {0};
    store
        .store()
        .onRequest(
            Route.parse("GET", "/stores/test/things/goes", false),
            (code, type, body) -> status[0] = code);
    assertEquals(404, status[0]);
    assertEquals(applied, store.stats().number("appliedSeq"), "only absence was asked for");
  }

  @Test
  void aGetShowsNothingExpired() {
    start();
    ephemeral("goes", 1000);
    ephemeral("goes too", 1000);
    store.time.jump(999);
    assertNotNull(store.store().get("goes"));
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.send("{'type':'update','id':1,'$id':'goes too','expiresInMs':5000}");
    assertNotNull(store.store().get("goes too"));
    store.time.jump(1);
    assertNull(store.store().get("goes"));
    assertNull(store.store().get("goes too"), "what lets it live is not durable");
    store.pipeline.releaseHeld();
    store.time.advance(10);
    assertNotNull(store.store().get("goes too"));
  }

  @Test
  void aCreateOverItDeletesItFirstInTheSameChange() {
    start();
    ephemeral("a", 1000);
    ephemeral("b", 1000);
    ephemeral("c", 1000);
    store.time.jump(1000);
    assertEquals("ack", create("a", ""));
    assertEquals(
        "deleted {'$id':'a','$deletedAt':now,'$reason':'expired'}\n"
            + "created {'$id':'a','$version':1,'n':1}",
        events(2));
    assertEquals(
        "ack",
        answer("{'type':'put','id':1,'$type':'Other','$id':'b','data':{},'expiresInMs':5000}"));
    assertEquals(
        "deleted {'$id':'b','$deletedAt':now,'$reason':'expired'}\n"
            + "created {'$id':'b','$version':1,'$expiresAt':"
            + (long) (store.time.nowMs() + 5000)
            + "}",
        events(2));
    double applied = store.stats().number("appliedSeq");
    assertEquals(
        "BATCH_FAILED",
        answer(
                "{'type':'batch','id':1,'atomic':true,'operations':["
                    + "{'type':'create','$type':'T','data':{'$id':'c'}},"
                    + "{'type':'check','$id':'a','ifVersion':9}]}")
            .substring(0, 12));
    assertEquals(applied, store.stats().number("appliedSeq"));
    assertNull(store.read("c"));
    assertEquals(
        "ack",
        answer(
            "{'type':'batch','id':1,'operations':["
                + "{'type':'create','$type':'T','data':{'$id':'c'}},"
                + "{'type':'update','$id':'c','data':{'x':1}}]}"));
    assertEquals(2, store.read("c").number("$version"));
    ring();
    assertEquals(applied + 4, store.stats().number("appliedSeq"), "b alone is left to delete");
  }

  @Test
  void updatesKeepItChangeItOrTakeItAway() {
    start();
    ephemeral("a", 1000);
    double first = store.time.nowMs() + 1000;
    answer("{'type':'update','id':1,'$id':'a','data':{'n':2}}");
    assertEquals(first, store.read("a").number("$expiresAt"));
    assertEquals("updated {'$id':'a','n':2,'$version':2}", events(1));
    assertEquals("ack", answer("{'type':'update','id':1,'$id':'a','expiresInMs':5000}"));
    assertEquals(first + 4000, store.read("a").number("$expiresAt"));
    assertEquals(
        "updated {'$id':'a','$version':3,'$expiresAt':" + (long) (first + 4000) + "}", events(1));
    assertEquals(
        "ack", answer("{'type':'update','id':1,'$id':'a','unset':['n'],'expiresInMs':null}"));
    assertFalse(store.read("a").keys().contains("$expiresAt"));
    assertEquals("updated {'$id':'a','$unset':['n'],'$version':4,'$expiresAt':null}", events(1));
    answer("{'type':'update','id':1,'$id':'a','expiresInMs':5000}");
    assertEquals("ack", answer("{'type':'put','id':1,'$type':'T','$id':'a','data':{}}"));
    assertFalse(store.read("a").keys().contains("$expiresAt"));
    assertEquals("updated {'$id':'a','$version':6,'$expiresAt':null}", events(1));
    store.time.jump(10_000);
    assertNotNull(store.read("a"));
  }

  @Test
  void whatIsNoTimeToLiveIsRefused() {
    start();
    create("a", "");
    for (String wrong : List.of("0", "-1", "1.5", "10000000000001", "'1'", "true", "{}")) {
      String refused = "VALIDATION_ERROR {'field':'expiresInMs'}";
      String more = ",'expiresInMs':" + wrong + "}";
      assertEquals(refused, answer("{'type':'update','id':1,'$id':'a'" + more), wrong);
      assertEquals(refused, create("b", more.substring(0, more.length() - 1)), wrong);
      assertEquals(
          refused, answer("{'type':'put','id':1,'$type':'T','$id':'b','data':{}" + more), wrong);
    }
    assertEquals("VALIDATION_ERROR {'field':'expiresInMs'}", create("b", ",'expiresInMs':null"));
    assertEquals("ack", create("b", ",'expiresInMs':10000000000000"));
    assertEquals("VALIDATION_ERROR {'field':'data'}", answer("{'type':'update','id':1,'$id':'a'}"));
  }

  @Test
  void oneAlarmRingsForTheNearestOfAMinute() {
    start();
    ephemeral("a", 90_000);
    ephemeral("b", 100_000);
    ephemeral("c", 150_000);
    checkpoint();
    double firstMs = Math.ceil((store.time.nowMs() + 89_000) / MINUTE_MS) * MINUTE_MS;
    assertEquals(0, store.time.armed());
    assertTrue(store.store().isIdle());
    ring();
    while (store.time.alarmMs() < firstMs) {
      ring();
    }
    assertEquals(firstMs, store.time.alarmMs());
    ring();
    assertEquals(
        "deleted {'$id':'a','$deletedAt':x,'$reason':'expired'}\n"
            + "deleted {'$id':'b','$deletedAt':x,'$reason':'expired'}",
        events(2).replaceAll("At':[0-9now]+", "At':x"));
    checkpoint();
    assertEquals(0, store.time.armed());
    assertTrue(store.store().isIdle());
    assertEquals(1, store.stats().number("entries"));
    while (store.time.alarmMs() < firstMs + MINUTE_MS) {
      ring();
    }
    ring();
    checkpoint();
    assertEquals(0, store.stats().number("entries"));
    int alarms = store.time.alarmsSet();
    ring();
    assertEquals(alarms, store.time.alarmsSet(), "nothing expires any more");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"columnar", "packed", "normalized", "evicted", "evicted rows", "log", "archive"})
  void itSurvivesTheMemory(String kept) {
    switch (kept) {
      case "packed" -> store.with("COLUMNAR_THRESHOLD", "0");
      case "normalized" ->
          store.with("COLUMNAR_THRESHOLD", "0").with("LARGE_COLLECTIONS", "normalized");
      case "evicted" -> store.with("COLUMNAR_THRESHOLD", "0").with("MAX_ENTRIES", "1");
      case "evicted rows" ->
          store
              .with("COLUMNAR_THRESHOLD", "0")
              .with("MAX_ENTRIES", "1")
              .with("LARGE_COLLECTIONS", "normalized");
      case "log" -> store.with("DURABILITY", "local");
      default -> {}
    }
    if (kept.equals("log")) {
      store.start();
    } else {
      start();
    }
    ephemeral("a", 200_000);
    ephemeral("b", 400_000);
    create("c", "");
    answer("{'type':'update','id':1,'$id':'c','data':{'n':2}}");
    answer("{'type':'update','id':1,'$id':'b','data':{'n':2}}");
    double atMs = store.read("b").number("$expiresAt");
    if (!kept.equals("log") && !kept.equals("archive")) {
      checkpoint();
    }
    store.restart();
    store.time.advance(100);
    assertEquals(atMs, store.read("b").number("$expiresAt"));
    assertTrue(store.time.alarmMs() <= atMs, "the alarm is set");
    store.time.jump(300_000);
    assertNull(store.read("a"));
    assertEquals(2, count());
    store.restart();
    store.time.advance(100);
    assertEquals(
        "deleted {'$id':'a','$deletedAt':x,'$reason':'expired'}",
        events(1).replaceAll("At':[0-9now]+", "At':x"));
    checkpoint();
    store.restart();
    assertEquals(2, store.stats().number("entries"));
    assertEquals(2, store.read("c").number("n"));
    store.time.jump(200_000);
    store.store().onAlarm();
    store.time.advance(6_000);
    assertEquals(1, store.stats().number("entries"));
    assertEquals(1, count());
  }

  @ParameterizedTest
  @ValueSource(strings = {"packed", "normalized"})
  void whatCannotBeReadWhenItExpiresIsDeletedLater(String large) {
    store.with("COLUMNAR_THRESHOLD", "0").with("MAX_ENTRIES", "1");
    store.with("LARGE_COLLECTIONS", large);
    start();
    ephemeral("a", 200_000);
    ephemeral("b", 300_000);
    create("c", "");
    checkpoint();
    store.restart();
    store.time.advance(100);
    store.sql.setReadsFail(true);
    store.time.jump(200_000);
    store.store().onAlarm();
    store.time.advance(10);
    store.sql.setReadsFail(false);
    assertEquals(3, store.stats().number("entries"));
    ring();
    assertEquals(2, store.stats().number("entries"));
    ring();
    store.time.advance(6_000);
    assertEquals(1, store.stats().number("entries"));
  }

  @ParameterizedTest
  @CsvSource({"packed,0", "packed,10", "normalized,10"})
  void moreThanTheWindowHoldsExpireToo(String large, String maxEntries) {
    int things = Expiries.WINDOW + 1000;
    store.with("COLUMNAR_THRESHOLD", "0").with("MAX_ENTRIES", maxEntries);
    store.with("LARGE_COLLECTIONS", large);
    store.with("DURABILITY", "memory").start();
    for (int i = 0; i < things; i += 1000) {
      StringBuilder operations = new StringBuilder();
      for (int j = i; j < Math.min(i + 1000, things); j++) {
        operations.append(j == i ? "" : ",");
        operations.append("{'type':'create','$type':'T','expiresInMs':");
        operations.append(1000 + (j * 7919L) % things).append(",'data':{'$id':'t").append(j);
        operations.append("'}}");
      }
      answer("{'type':'batch','id':1,'operations':[" + operations + "]}");
    }
    create("stays", "");
    checkpoint();
    store.restart();
    store.time.jump(1000 + Expiries.WINDOW + 500 - 1);
    assertEquals(500 + 1, count(), 120);
    int missing = 0;
    for (int i = 0; i < things; i += 50) {
      missing += store.read("t" + i) == null ? 1 : 0;
    }
    assertEquals(92, missing, 6);
    store.store().onAlarm();
    store.time.advance(1);
    double left = store.stats().number("entries");
    assertEquals(left, count(), 1);
    assertTrue(left < 700, left + " are left");
    store.time.jump(100_000);
    store.store().onAlarm();
    store.time.advance(10_000);
    assertEquals(1, store.stats().number("entries"));
    assertTrue(store.store().isIdle());
  }

  @Test
  void anAbsenceWaitsForWhatSaysWhenTheThingExpires() {
    start();
    create("a", "");
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    store.send("{'type':'update','id':2,'$id':'a','expiresInMs':10}");
    store.time.jump(10);
    int replies = store.replies.size();
    store.send("{'type':'read','id':3,'$ids':['a']}");
    assertEquals(replies, store.replies.size());
    store.pipeline.releaseHeld();
    assertEquals(replies + 2, store.replies.size());
  }

  @Test
  void deletionsThatCannotBeDurableAreUndoneAndTriedAgain() {
    store.with("GROUP_COMMIT_MS", "1000").with("DURABILITY", "local").start();
    ephemeral("a", 10);
    store.time.advance(1000);
    checkpoint();
    store.time.jump(10);
    store.sql.setFailing(true);
    store.store().onAlarm();
    store.time.advance(2000);
    assertNull(store.read("a"));
    assertTrue(store.time.alarmMs() - store.time.nowMs() <= MINUTE_MS);
    store.sql.setFailing(false);
    ring();
    store.time.advance(2000);
    checkpoint();
    assertEquals(0, store.stats().number("entries"));
    assertTrue(store.sent().size() >= 2);
  }

  @Test
  void aClockThatJumpsBackShowsItAgainUntilItIsDeleted() {
    start();
    ephemeral("a", 1000);
    store.time.jump(5000);
    assertNull(store.read("a"));
    store.time.jump(-5000);
    assertNotNull(store.read("a"));
    assertEquals(1, count());
    store.time.jump(5000);
    store.store().onAlarm();
    store.time.jump(-5000);
    assertNull(store.read("a"));
    assertEquals("ack", create("a", ""));
  }

  @Test
  void thePastKnowsIt() {
    start();
    double beforeMs = store.time.nowMs();
    ephemeral("a", 1000);
    store.time.jump(500);
    create("other", "");
    store.time.jump(1500);
    String read = "{'type':'read','id':1,'$ids':['a'],'at':";
    String query = "{'type':'count','id':1,'$type':'T','at':";
    for (int i = 0; i < 2; i++) {
      for (double ms : List.of(0.0, 999.0, 1000.0, 1999.0)) {
        long at = (long) (beforeMs + ms);
        boolean there = ms < 1000;
        JsonObject things = store.ask(read + at + "}").object("things");
        assertEquals(there, things.keys().contains("a"), at + " in round " + i);
        int others = ms < 500 ? 0 : 1;
        assertEquals(
            others + (there ? 1 : 0), store.ask(query + at + "}").number("count"), "at " + ms);
      }
      assertEquals(2, store.ask(query + "{'seq':2}}").number("count"));
      store.time.jump(60_000);
      store.store().onAlarm();
      store.time.advance(100);
    }
    assertEquals(1, store.ask(query + "{'seq':3}}").number("count"));
  }
}
