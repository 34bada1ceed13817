package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.Siblings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A store that begins as a copy of another one. */
final class StoreForkTest {
  private final TestStore parent = new TestStore();
  private final TestStore child = new TestStore();

  /** How many texts arrive before the way is broken. */
  private int arrive = Integer.MAX_VALUE;

  @BeforeEach
  void start() {
    parent.siblings =
        (namespace, text, answer) -> {
          if (arrive-- > 0) {
            child.store().onTold(text, answer::answered);
          } else {
            answer.failed("the way is broken");
          }
        };
    parent.withArchive().with("DURABILITY", "pipeline").start();
    child.withArchive().with("DURABILITY", "pipeline").start();
  }

  @AfterEach
  void close() {
    parent.close();
    child.close();
  }

  private String fork(String more) {
    return parent.postBody("fork", "{'to':'child'" + more + "}");
  }

  @Test
  void copyHasVersionsAndTimesAndComesBackFromItsOwnLog() {
    parent.createAcked("a");
    parent.time.advance(1000);
    parent.update("a", "{'n':2}");
    parent.send("{'type':'create','id':1,'$type':'T','data':{'$id':'e'},'expiresInMs':100000000}");
    JsonObject a = parent.read("a");
    String answer = fork("");
    assertTrue(answer.startsWith("200 {\"namespace\":\"child\",\"things\":2,\"at\":"), answer);
    assertEquals(parent.print(a), child.print(child.read("a")));
    assertEquals(parent.print(parent.read("e")), child.print(child.read("e")));
    assertEquals("store.forked", child.pipeline.stored().get(0).string("verb"));
    child.restart();
    child.time.advance(60_000);
    assertEquals(parent.print(a), child.print(child.read("a")));
    assertTrue(child.post("rebuild").startsWith("200"));
    assertEquals(parent.print(a), child.print(child.read("a")));
    child.update("a", "{'n':3}");
    child.sql.exec("DELETE FROM segments");
    child.sql.exec("DELETE FROM collections");
    child.restart();
    child.time.advance(60_000);
    assertEquals(3, child.read("a").number("$version"));
    assertEquals(3, child.read("a").number("n"));
    assertEquals(2, parent.read("a").number("n"), "the parent goes its own way");
  }

  @Test
  void thingOfTheSameMomentKeepsItsVersion() {
    parent.createAcked("a");
    parent.update("a", "{'n':2}");
    child.time.advance(parent.time.nowMs() - child.time.nowMs());
    fork("");
    JsonObject created = child.pipeline.stored().get(1);
    assertEquals(created.number("ts"), created.object("payload").number("$updatedAt"));
    child.update("a", "{'n':3}");
    String a = child.print(child.read("a"));
    assertTrue(child.post("rebuild").startsWith("200"));
    assertEquals(a, child.print(child.read("a")));
  }

  @Test
  void namespaceWithThingsIsNotWrittenOver() {
    parent.createAcked("a");
    child.createAcked("b");
    assertTrue(fork("").startsWith("409"), "it has data");
    assertNull(child.read("a"));
    child.deleteStore();
    assertTrue(fork("").startsWith("200"), "it was deleted");
    assertEquals(1, child.stats().number("entries"));
  }

  @Test
  void forkThatBreaksOffAnywhereChangesNothing() {
    for (int i = 0; i < 40; i++) {
      parent.create("t" + i, "T", 10_000);
    }
    for (int texts = 0; texts < 4; texts++) {
      arrive = texts;
      assertTrue(fork("").startsWith("503"), "broken behind " + texts);
      assertEquals(0, child.stats().number("entries"));
      assertEquals(0, child.pipeline.stored().size());
      child.time.advance(60_000);
      parent.time.advance(1);
    }
    arrive = Integer.MAX_VALUE;
    assertTrue(fork("").startsWith("200"));
    assertEquals(40, child.stats().number("entries"));
  }

  @Test
  void copyThatSqliteRefusesIsNone() {
    parent.createAcked("a");
    child.sql.setFailing(true);
    assertTrue(fork("").startsWith("503"));
    child.sql.setFailing(false);
    assertNull(child.read("a"));
    assertTrue(fork("").startsWith("200"));
  }

  @Test
  void forkIsInTheEventLogBeforeAnythingIsSent() {
    parent.createAcked("a");
    parent.createAcked("b");
    child.sql.setFailing("collections", true);
    child.pipeline.setMode(FakePipeline.Mode.HOLD);
    String answer = fork("");
    assertTrue(answer.startsWith("200"), answer);
    child.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    child.pipeline.senderCrashed(false);
    child.restart();
    child.time.advance(60_000);
    assertEquals(2, child.stats().number("entries"), "only the checkpoint was refused");
  }

  private String tell(String step, String text) {
    String[] answer = {""};
    String message = "{'fork':" + step + ",'key':7}\n" + text;
    child.store().onTold(message.replace('\'', '"'), told -> answer[0] = told);
    return answer[0];
  }

  @Test
  void aCopyThatLacksItsEndLeavesNoMarkInTheLog() {
    assertEquals("{}", tell("'begin','from':'test'", ""));
    String thing = "{'$id':'a','$type':'T','$version':1,'$createdAt':1,'$updatedAt':1}\n";
    String header = "{'format':'unified-storage/1','namespace':'test','at':'0-0','things':2}\n";
    assertEquals("{}", tell("'part','part':0", header + thing));
    String answer = tell("'end','parts':1", "");
    assertTrue(answer.contains("broke off"), answer);
    child.createAcked("b");
    assertEquals("store.fence", child.pipeline.stored().get(0).string("verb"));
    assertEquals(1, child.stats().number("entries"));
  }

  @Test
  void pastCanBeForked() {
    parent.createAcked("a");
    parent.update("a", "{'n':2}");
    assertTrue(fork(",'at':{'seq':1}").startsWith("200"));
    assertEquals(0, child.read("a").number("n"));
  }

  @Test
  void badTargetsAreRefused() {
    assertTrue(parent.postBody("fork", "{'to':'test'}").startsWith("400"), "it is itself");
    assertTrue(parent.postBody("fork", "{'to':'a b'}").startsWith("400"));
    assertTrue(parent.postBody("fork", "{}").startsWith("400"));
    assertTrue(parent.postBody("fork", "[]").startsWith("400"));
    parent.siblings = Siblings.NONE;
    assertTrue(fork(",'at':'x'").startsWith("400"));
  }

  @Test
  void storeThatIsNotReadyRefusesTheFork() {
    parent.createAcked("a");
    child.createAcked("b");
    child.archive.setSilent(true);
    child.restart();
    child.time.advance(5_000);
    String answer = fork("");
    assertTrue(answer.startsWith("503") && answer.contains("RECOVERING"), answer);
  }
}
