package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.access.AccessPolicy;
import dev.unifiedstorage.access.AccessSettings;
import dev.unifiedstorage.access.VisitLimits;
import dev.unifiedstorage.access.Visitors;
import dev.unifiedstorage.fixture.FakeSocket;
import dev.unifiedstorage.fixture.RandomIds;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions of clients with tokens: those of the same name and another {@code sub} are others. */
final class OwnedSessionsTest {
  private static final Map<String, String> VARS =
      Map.of("AUTH_JWT_SECRET", "0123456789abcdef0123456789abcdef");

  /** The last one is what a name and another owner would read as, one behind the other. */
  private static final List<String> OWNERS = List.of("alice", "bob", "", "alice\nx");

  private final TestStore store = new TestStore().withArchive();

  @AfterEach
  void close() {
    store.close();
  }

  private void start(String durability) {
    store.visitors =
        new Visitors(
            "test",
            new AccessPolicy(
                AccessSettings.fromVars(VARS),
                "",
                (token, then) -> then.refused(),
                store.time,
                store.json),
            new VisitLimits(0, 0, 1_000),
            List::of,
            store.time,
            store.time,
            new RandomIds(),
            store.json);
    store.with("DURABILITY", durability).start();
  }

  /** A socket of a client whose token has a subject, or none for null. */
  private FakeSocket of(String subject) {
    JsonObject grant =
        store.json.parse(
            "{\"ns\":[\"test\"],\"scope\":\"rw\",\"exp\":"
                + (store.time.nowMs() + 3_600_000)
                + "}");
    if (subject != null) {
      grant.set("sub", subject);
    }
    FakeSocket socket = new FakeSocket(store);
    store.visitors.opened(socket, store.json.writer().object(grant).text());
    return socket;
  }

  private JsonObject ask(FakeSocket socket, String message) {
    int before = socket.replies.size();
    socket.ask(message);
    for (int i = 0; socket.replies.size() == before && i < 20; i++) {
      store.time.advance(51);
    }
    assertEquals(before + 1, socket.replies.size(), message);
    return socket.replies.get(before);
  }

  private JsonObject hello(FakeSocket socket, int next) {
    return ask(socket, "{'id':1,'type':'hello','session':'s','next':" + next + "}");
  }

  private JsonObject create(FakeSocket socket, String id) {
    return ask(
        socket,
        "{'id':1,'n':1,'type':'create','$type':'T','data':{'$id':'" + id + "'},'return':true}");
  }

  private void eachCreatesAThing() {
    for (int i = 0; i < OWNERS.size(); i++) {
      FakeSocket socket = of(OWNERS.get(i));
      hello(socket, 1);
      assertEquals("ack", create(socket, "t" + i).string("status"));
    }
    FakeSocket nobodys = of(null);
    hello(nobodys, 1);
    assertEquals("ack", create(nobodys, "own").string("status"));
  }

  private void eachHasItsOutcome() {
    for (int i = 0; i < OWNERS.size(); i++) {
      FakeSocket socket = of(OWNERS.get(i));
      assertEquals(2, hello(socket, 1).number("next"));
      JsonObject again = create(socket, "other");
      assertTrue(again.bool("replayed"));
      assertEquals("t" + i, again.string("$id"));
    }
    FakeSocket nobodys = of(null);
    hello(nobodys, 1);
    assertEquals("own", create(nobodys, "other").string("$id"));
    FakeSocket stranger = of("carol");
    assertEquals("SESSION_EXPIRED", hello(stranger, 2).string("code"));
    assertEquals(1, hello(stranger, 1).number("next"));
    assertFalse(create(stranger, "carols").keys().contains("replayed"));
  }

  @Test
  void recordsCarryTheNameThatTheClientGaveAndWhoseItIs() {
    start("pipeline");
    eachCreatesAThing();
    List<String> owners = new ArrayList<>();
    for (JsonObject record : store.pipeline.stored()) {
      if (record.number("seq") > 0) {
        assertEquals("s", record.string("session"));
        owners.add(record.kind("sub") == JsonKind.STRING ? record.string("sub") : null);
      }
    }
    List<String> expected = new ArrayList<>(OWNERS);
    expected.add(null);
    assertEquals(expected, owners);
    JsonObject refused = hello(of("carol"), 2);
    assertTrue(refused.string("error").contains("session s are"), refused.string("error"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory", "rows", "log", "archive", "rebuild"})
  void sessionsOfTwoOwnersAreTwo(String kept) {
    start(kept.equals("log") ? "local" : "pipeline");
    eachCreatesAThing();
    if (kept.equals("rows")) {
      assertTrue(store.post("checkpoint").startsWith("200"));
    } else if (kept.equals("rebuild")) {
      store.post("rebuild");
      store.time.advance(1000);
    }
    if (!kept.equals("memory")) {
      store.restart();
      store.time.advance(1000);
    }
    eachHasItsOutcome();
  }

  @Test
  void rowsFromBeforeTheirOwnersHadAColumnStillCount() {
    start("pipeline");
    eachCreatesAThing();
    List<ArchivedEvent> rows = store.archive.rows();
    rows.replaceAll(
        row ->
            new ArchivedEvent(
                row.epoch(),
                row.life(),
                row.seq(),
                row.verb(),
                row.entityId(),
                row.entityType(),
                row.version(),
                row.tsMs(),
                row.payload(),
                row.sub() == null ? row.session() : row.sub() + "\n" + row.session(),
                null,
                row.n(),
                row.batchIndex()));
    store.restart();
    store.time.advance(1000);
    eachHasItsOutcome();
  }
}
