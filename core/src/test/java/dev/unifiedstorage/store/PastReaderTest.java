package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.JsonObject;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PastReaderTest {
  private final TestStore store = new TestStore();
  private double createdMs;
  private double updatedMs;

  @AfterEach
  void close() {
    store.close();
  }

  /** Seq 1 makes a, 2 makes b, 3 changes a, 4 deletes b. */
  private void fill() {
    store.withArchive().start();
    createdMs = store.time.nowMs();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a','n':1}}");
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'b','n':1}}");
    store.time.advance(1000);
    updatedMs = store.time.nowMs();
    store.ask("{'type':'update','id':1,'$id':'a','data':{'n':2}}");
    store.time.advance(1000);
    store.ask("{'type':'delete','id':1,'$id':'b'}");
    store.time.advance(1000);
  }

  private JsonObject at(String moment) {
    return store.ask("{'type':'read','id':'r','$ids':['a','b','none'],'at':" + moment + "}");
  }

  /** Versions and the field n, such as {@code a1=1}. */
  private String things(String moment) {
    JsonObject things = at(moment).object("things");
    StringBuilder text = new StringBuilder();
    for (String id : things.keys()) {
      JsonObject thing = things.object(id);
      text.append(id).append((long) thing.number("$version"));
      text.append('=').append((long) thing.number("n")).append(' ');
    }
    return text.toString().trim();
  }

  @Test
  void stateAfterAnyEventCanBeRead() {
    fill();
    assertEquals("", things("{'seq':0}"));
    assertEquals("a1=1", things("{'seq':1}"));
    assertEquals("a1=1 b1=1", things("{'seq':2}"));
    assertEquals("a2=2 b1=1", things("{'seq':3}"));
    assertEquals("a2=2", things("{'seq':4}"));
    assertEquals("a2=2", things("{'seq':9999}"));
  }

  @Test
  void stateAtAnyTimeCanBeRead() {
    fill();
    assertEquals("", things(number(createdMs - 1)));
    assertEquals("a1=1 b1=1", things(number(updatedMs - 1)));
    assertEquals("a2=2 b1=1", things(number(updatedMs)));
    assertEquals("a2=2", things(number(updatedMs + 1e6)));
  }

  @Test
  void answersAreTheSameAfterARestart() {
    fill();
    store.post("checkpoint");
    store.restart();
    store.time.advance(1000);
    stateIs("a1=1 b1=1", "{'seq':2}");
    stateIs("a2=2", "{'seq':4}");
    stateIs("a1=1 b1=1", number(updatedMs - 1));
  }

  private void stateIs(String expected, String moment) {
    assertEquals(expected, things(moment), moment);
  }

  private static String number(double value) {
    return String.valueOf((long) value);
  }

  @Test
  void thingThatHasNotChangedSinceIsAnsweredFromMemory() {
    fill();
    int reads = store.archive.reads();
    String message = "{'type':'read','id':1,'$ids':['a'],'at':{'seq':3}}";
    assertEquals(2, store.ask(message).object("things").object("a").number("n"));
    assertEquals(reads, store.archive.reads());
  }

  @Test
  void pastThatTheSinkHasNotBroughtYetIsAnErrorAndNotAnOlderTruth() {
    store.withArchive();
    store.archive.setStalled(true);
    fill();
    JsonObject reply = at("{'seq':2}");
    assertEquals("UNAVAILABLE", reply.string("code"));
    assertTrue(reply.string("error").contains("reaches seq 0, expected 2"), reply.string("error"));
    assertTrue(reply.object("details").number("retryAfterMs") > 0);
    store.archive.setStalled(false);
    assertEquals("a1=1 b1=1", things("{'seq':2}"));
  }

  private int rowsLookedAtFor(String expected, String moment) {
    int before = store.archive.lookedAt();
    assertEquals(expected, things(moment));
    return store.archive.lookedAt() - before;
  }

  private void fillBehindOlder(int older) {
    store.withArchive().start();
    for (int i = 0; i < older; i++) {
      store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'old" + i + "'}}");
    }
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'none','n':7}}");
    store.ask("{'type':'delete','id':1,'$id':'none'}");
    store.time.advance(7_200_000);
    for (String id : List.of("a", "b", "none")) {
      store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'" + id + "','n':1}}");
    }
    store.time.advance(1000);
    updatedMs = store.time.nowMs();
    for (String id : List.of("a", "b", "none")) {
      store.ask("{'type':'update','id':1,'$id':'" + id + "','data':{'n':2}}");
    }
    store.time.advance(1000);
  }

  @Test
  void whatIsOlderThanTheThingsIsNotLookedAt() {
    fillBehindOlder(200);
    int rows = rowsLookedAtFor("a1=1 b1=1 none1=1", number(updatedMs - 1));
    assertTrue(rows <= 20, rows + " rows, beside 200 older ones");
    rows = rowsLookedAtFor("a2=2 b1=1 none1=1", "{'seq':206}");
    assertTrue(rows <= 20, rows + " rows, beside 200 older ones");
  }

  @Test
  void whatThereWasBeforeItWasCreatedAnewIsLookedFor() {
    fillBehindOlder(20);
    assertEquals("none1=7", things("{'seq':21}"));
    assertEquals("", things("{'seq':22}"));
    assertEquals("a1=1", things("{'seq':23}"));
    assertEquals("", things(number(updatedMs - 3_600_000)));
  }

  @Test
  void clocksThatDifferByMoreThanTheSlackHideNothing() {
    fillBehindOlder(20);
    for (double skewMs : new double[] {-900_500, -901_500, -5_000_000, 5_000_000}) {
      store.archive.setSkewMs(skewMs);
      assertEquals("a1=1 b1=1 none1=1", things(number(updatedMs - 1)), skewMs + " ms");
    }
  }

  @Test
  void anOlderEventThatCameLateHidesNothing() {
    fillBehindOlder(20);
    store.archive.catchUp();
    store.archive.setCameAtMs(5, updatedMs);
    assertEquals("a1=1 b1=1 none1=1", things(number(updatedMs - 1)));
    assertEquals("a2=2 b1=1 none1=1", things("{'seq':26}"));
  }

  @Test
  void anotherIdThatTheColumnCannotTellApartBeginsNothing() {
    store.withArchive().start();
    String create = "{'type':'create','id':1,'$type':'T','data':{'$id':'%s','n':%d}}";
    store.ask(create.formatted("x\uFFFD", 1));
    store.time.advance(7_200_000);
    store.ask(create.formatted("x\\ud800", 2));
    store.ask("{'type':'delete','id':1,'$id':'x\uFFFD'}");
    store.ask(create.formatted("x\uFFFD", 3));
    store.archive.catchUp();
    for (ArchivedEvent row : List.copyOf(store.archive.rows())) {
      if (row.entityId() != null && row.entityId().equals("x\ud800")) {
        ArchivedEvent inColumn =
            new ArchivedEvent(
                row.epoch(),
                row.life(),
                row.seq(),
                row.verb(),
                "x\uFFFD",
                row.entityType(),
                row.version(),
                row.tsMs(),
                row.payload(),
                null,
                null,
                0,
                -1);
        store.archive.replace(row, inColumn);
      }
    }
    JsonObject things = store.readAt("x\uFFFD", 2).object("things");
    assertEquals(1, things.object("x\uFFFD").number("n"));
    assertEquals(2, store.readAt("x\\ud800", 2).object("things").object("x\ud800").number("n"));
  }

  @Test
  void aPastThatTheSinkHasNotBroughtYetIsNoShorterOne() {
    store.withArchive();
    fillBehindOlder(3);
    store.archive.setStalled(true);
    store.ask("{'type':'update','id':1,'$id':'a','data':{'n':3}}");
    double thirdMs = store.time.nowMs();
    store.time.advance(1000);
    store.ask("{'type':'update','id':1,'$id':'a','data':{'n':4}}");
    assertEquals("UNAVAILABLE", at(number(thirdMs)).string("code"));
    store.archive.setStalled(false);
    assertEquals("a3=3 b2=2 none2=2", things(number(thirdMs)));
  }

  @Test
  void voidRecordsAreNoPast() {
    fill();
    String payload = "{\"$id\":\"a\",\"n\":99}";
    store
        .archive
        .rows()
        .add(0, new ArchivedEvent(0, 0, 3, "thing.updated", "a", "T", 2, 5, payload));
    assertEquals("a2=2 b1=1", things("{'seq':3}"));
    assertFalse(store.get("history/a").contains("99"), store.get("history/a"));
  }

  @Test
  void idWithHalfASurrogatePairHasAPastToo() {
    store.withArchive().start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'x\\ud800','n':1}}");
    store.ask("{'type':'update','id':1,'$id':'x\\ud800','data':{'n':2}}");
    // The sink's column cannot hold it; the payload does.
    store.time.advance(1000);
    store.archive.ingest(List.of());
    store.archive.rows().clear();
    String payload = "{\"$id\":\"x\\ud800\",\"n\":";
    store
        .archive
        .rows()
        .add(new ArchivedEvent(1, 0, 1, "thing.created", "x?", "T", 1, 5, payload + "1}"));
    store
        .archive
        .rows()
        .add(new ArchivedEvent(1, 0, 2, "thing.updated", "x?", "T", 2, 6, payload + "2}"));
    JsonObject reply =
        store.ask("{'type':'read','id':1,'$ids':['x\\ud800','y\\ud83d\\ude00'],'at':{'seq':1}}");
    assertEquals(1, reply.object("things").object("x\ud800").number("n"));
  }

  @Test
  void historyHasEveryVersionAndGoesOnBehindASeq() {
    fill();
    String all = store.get("history/b");
    assertTrue(all.startsWith("200 {\"$id\":\"b\",\"history\":[{\"verb\":\"thing.created\""), all);
    assertTrue(all.contains("\"verb\":\"thing.deleted\",\"epoch\":1,\"seq\":4"), all);
    assertTrue(all.contains("\"thing\":null}],\"more\":false,\"archivedSeq\":4}"), all);
    String rest = store.get("history/a?afterSeq=1");
    assertFalse(rest.contains("thing.created"), rest);
    assertTrue(rest.contains("\"n\":2"), rest);
    String nothing = store.get("history/a?afterSeq=4");
    assertTrue(nothing.startsWith("200 ") && nothing.contains("\"history\":[]"), nothing);
  }

  @Test
  void historyOfAnIdThatNeverWasIsNotFound() {
    fill();
    assertTrue(store.get("history/none").startsWith("404 "), store.get("history/none"));
    assertTrue(store.get("history/none").contains("NOT_FOUND"), store.get("history/none"));
    store.post("checkpoint");
    store.restart();
    store.time.advance(1000);
    assertTrue(store.get("history/none").startsWith("404 "), store.get("history/none"));
    assertTrue(store.get("history/b").startsWith("200 "), store.get("history/b"));
  }

  @Test
  void historyThatTheSinkHasNotBroughtYetIsUnavailableAndNotEmpty() {
    store.withArchive();
    store.archive.setStalled(true);
    fill();
    for (String id : List.of("a", "b")) {
      String answer = store.get("history/" + id);
      assertTrue(answer.startsWith("503 ") && answer.contains("UNAVAILABLE"), answer);
      assertTrue(answer.contains("reaches seq 0, expected "), answer);
    }
    // What memory forgot may have been before the last checkpoint.
    store.post("checkpoint");
    assertTrue(store.get("history/none").startsWith("503 "), store.get("history/none"));
    store.archive.setStalled(false);
    assertTrue(store.get("history/a").startsWith("200 "), store.get("history/a"));
    assertTrue(store.get("history/none").startsWith("404 "), store.get("history/none"));
  }

  @Test
  void longHistoryComesInParts() {
    store.withArchive().start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a','n':0}}");
    for (int i = 0; i < 1500; i++) {
      store.ask("{'type':'update','id':1,'$id':'a','data':{'n':" + i + "}}");
    }
    assertTrue(store.get("history/a").contains("\"n\":998,"), "the thousandth version");
    assertTrue(store.get("history/a").contains("\"more\":true"), "there are more");
    String rest = store.get("history/a?afterSeq=1000");
    assertTrue(rest.contains("\"seq\":1001,") && rest.contains("\"more\":false"), "and the rest");
  }

  @Test
  void badMomentsAreRefused() {
    fill();
    for (String moment : new String[] {"-1", "'now'", "null", "{}", "{'seq':-1}", "{'seq':1.5}"}) {
      assertEquals("VALIDATION_ERROR", at(moment).string("code"), moment);
    }
    String many = "'x',".repeat(100) + "'y'";
    String message = "{'type':'read','id':1,'at':1,'$ids':[" + many + "]}";
    assertEquals("VALIDATION_ERROR", store.ask(message).string("code"));
    JsonObject batch =
        store.ask("{'type':'batch','id':1,'operations':[{'type':'read','$ids':['a'],'at':1}]}");
    assertEquals("VALIDATION_ERROR", batch.array("results").object(0).string("code"));
  }

  @Test
  void brokenOrSilentArchiveIsAnError() {
    fill();
    store.archive.setFailure("401 from the catalog");
    JsonObject reply = at("{'seq':1}");
    assertEquals("UNAVAILABLE", reply.string("code"));
    assertTrue(reply.string("error").contains("401 from the catalog"), reply.string("error"));
    assertTrue(store.get("history/a").startsWith("503 "), store.get("history/a"));
    store.archive.setFailure(null);
    store.archive.setSilent(true);
    store.send("{'type':'read','id':2,'$ids':['a'],'at':{'seq':1}}");
    assertFalse(store.store().isIdle(), "an object that waits for the archive must not hibernate");
    store.time.advance(60_000);
    assertEquals("UNAVAILABLE", store.replies.get(store.replies.size() - 1).string("code"));
    assertTrue(store.store().isIdle());
  }

  @Test
  void looksBeyondTheBoundAreOverloaded() {
    fill();
    store.archive.setSilent(true);
    int before = store.replies.size();
    for (int i = 0; i < 30; i++) {
      store.send("{'type':'read','id':2,'$ids':['a'],'at':{'seq':1}}");
    }
    assertEquals(13, store.replies.size() - before);
    assertEquals("OVERLOADED", store.replies.get(before).string("code"));
    store.time.advance(3_600_000);
    assertEquals(30, store.replies.size() - before, "every request has its reply");
  }

  @Test
  void withoutAnArchiveReaderThePastIsUnavailable() {
    store.start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a','n':1}}");
    store.ask("{'type':'update','id':1,'$id':'a','data':{'n':2}}");
    assertEquals("UNAVAILABLE", at("{'seq':1}").string("code"));
    assertNull(at("{'seq':1}").string("things"));
    assertTrue(store.get("history/a").startsWith("503 "), store.get("history/a"));
  }
}
