package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakeHttp;
import dev.unifiedstorage.fixture.FakePipeline;
import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.HttpBody;
import dev.unifiedstorage.port.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code POST import}: things line by line, in groups. */
class ImportTest {
  private final TestStore store = new TestStore().with("DURABILITY", "local");

  @AfterEach
  void close() {
    store.close();
  }

  private FakeHttp send(String mode, HttpBody body) {
    return FakeHttp.send(store, "POST", "import?mode=" + mode, body);
  }

  private JsonObject imported(String mode, String... parts) {
    FakeHttp answer = send(mode, FakeHttp.body(parts));
    for (int i = 0; i < 1_000 && !answer.ended; i++) {
      store.time.advance(60);
    }
    assertEquals(200, answer.status, answer.text);
    return store.json.parse(answer.text);
  }

  private static void assertCounts(JsonObject answer, int created, int replaced, int unchanged) {
    assertEquals(created, answer.number("created"), "created");
    assertEquals(replaced, answer.number("replaced"), "replaced");
    assertEquals(unchanged, answer.number("unchanged"), "unchanged");
  }

  private static void assertFailed(JsonObject answer, int index, int line, String code) {
    JsonObject failed = answer.array("failed").object(index);
    assertEquals(line, failed.number("line"));
    assertEquals(code, failed.string("code"), failed.string("error"));
  }

  @Test
  void linesAreCutWhereverThePartsAre() {
    store.start();
    JsonObject answer =
        imported(
            "create",
            "{'format':'unified-storage/1','namespace':'x','at':'1-2','things':2}\n{'$id':'a",
            "','$type':'T','$version':7,'n'",
            ":1,'$createdAt':1,'$updatedAt':2}\r\n\n",
            "{'$id':'b','$type':'T'}\n{'end':true,'things':2}");
    assertCounts(answer, 2, 0, 0);
    assertEquals(0, answer.array("failed").size());
    assertEquals(1, store.read("a").number("$version"));
    assertEquals(store.time.nowMs(), store.read("a").number("$createdAt"), 10_000);
    assertEquals(1, store.read("a").number("n"));
    assertTrue(store.store().isIdle() || store.stats().number("dirty") > 0);
  }

  @Test
  void whatIsThereIsReplacedOrRefusedUnlessItIsTheSame() {
    store.start();
    String first = "{'$id':'a','$type':'T','n':1,'o':{'x':1,'y':2}}\n{'$id':'b','$type':'T'}\n";
    assertCounts(imported("create", first), 2, 0, 0);
    String second =
        "{'$id':'a','$type':'T','o':{'y':2,'x':1},'n':1.0}\n{'$id':'b','$type':'T','m':1}";
    JsonObject answer = imported("create", second);
    assertCounts(answer, 0, 0, 1);
    assertFailed(answer, 0, 2, "CONFLICT");
    answer = imported("put", second + "\n{'$id':'a','$type':'U'}");
    assertCounts(answer, 0, 1, 1);
    assertFailed(answer, 0, 3, "CONFLICT");
    assertEquals(1, store.read("a").number("$version"));
    assertEquals(2, store.read("b").number("$version"));
  }

  @Test
  void anExpiryInTheFutureIsKeptToTheMillisecond() {
    store.start();
    double at = store.time.nowMs() + 60_000;
    String line = "{'$id':'a','$type':'T','$expiresAt':" + (long) at + "}\n";
    assertCounts(imported("create", line), 1, 0, 0);
    assertEquals(at, store.read("a").number("$expiresAt"));
    assertCounts(imported("create", line), 0, 0, 1);
    assertCounts(imported("put", "{'$id':'a','$type':'T'}"), 0, 1, 0);
    // A thing that has expired is absent, so there is nothing to be written.
    assertCounts(imported("put", "{'$id':'b','$type':'T','$expiresAt':1000}"), 0, 0, 1);
    JsonObject answer =
        imported(
            "put",
            "{'$id':'c','$type':'T','$expiresAt':'soon'}\n{'$id':'d','$type':'T','$expiresAt':1e300}");
    assertFailed(answer, 0, 1, "VALIDATION_ERROR");
    assertFailed(answer, 1, 2, "VALIDATION_ERROR");
    assertCounts(answer, 0, 0, 0);
  }

  @Test
  void linesThatAreNoThingsAreToldByTheirNumbers() {
    store.start();
    String many = "[]\n".repeat(120);
    JsonObject answer =
        imported(
            "put",
            "nothing\n7\n{'$type':'T'}\n{'$id':'a'}\n{'$id':'a','$type':'T','$odd':1}\n",
            "{'$id':7,'$type':'T'}\n",
            "{'$id':'long','$type':'T','text':'",
            "x".repeat(BodyLines.MAX_CHARS),
            "x'}\n{'$id':'large','$type':'T','text':'" + "x".repeat(1_100_000) + "'}\n",
            "{'$id':'good','$type':'T'}\n",
            many);
    assertCounts(answer, 1, 0, 0);
    String[] codes = {
      "PARSE_ERROR",
      "PARSE_ERROR",
      "VALIDATION_ERROR",
      "VALIDATION_ERROR",
      "VALIDATION_ERROR",
      "VALIDATION_ERROR",
      "PAYLOAD_TOO_LARGE",
      "PAYLOAD_TOO_LARGE"
    };
    for (int i = 0; i < codes.length; i++) {
      assertFailed(answer, i, i + 1, codes[i]);
    }
    assertFailed(answer, 8, 10, "PARSE_ERROR");
    assertEquals(100, answer.array("failed").size());
    assertEquals(128, answer.number("failures"));
  }

  @Test
  void anotherFormatOrABrokenBodyEndsIt() {
    store.start();
    FakeHttp other = send("put", FakeHttp.body("{'format':'unified-storage/2'}\n{'$id':'a'}"));
    assertEquals(400, other.status, other.text);
    assertTrue(other.text.contains("line 1"), other.text);
    HttpBody broken =
        new HttpBody() {
          private int parts;

          @Override
          public void next(Part part) {
            if (parts++ == 0) {
              StringBuilder lines = new StringBuilder();
              for (int i = 0; i < 600; i++) {
                lines.append("{\"$id\":\"t").append(i).append("\",\"$type\":\"T\"}\n");
              }
              part.text(lines.toString());
            } else {
              part.failed("expected UTF-8 text");
            }
          }

          @Override
          public void cancel() {}
        };
    FakeHttp answer = send("create", broken);
    store.time.advance(200);
    assertEquals(400, answer.status);
    assertTrue(answer.text.contains("line 601: expected UTF-8 text"), answer.text);
    assertTrue(answer.text.contains("up to 500 are applied"), answer.text);
    assertEquals(500, store.stats().number("entries"));
  }

  @Test
  void theNextPartIsAskedForOnceTheGroupIsDurable() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    List<Double> durable = new ArrayList<>();
    HttpBody body =
        new HttpBody() {
          @Override
          public void next(Part part) {
            durable.add(store.stats().number("durableSeq"));
            if (durable.size() == 4) {
              part.end();
              return;
            }
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < 500; i++) {
              int id = durable.size() * 500 + i;
              lines.append("{\"$id\":\"t").append(id).append("\",\"$type\":\"T\"}\n");
            }
            part.text(lines.toString());
          }

          @Override
          public void cancel() {}
        };
    FakeHttp answer = send("create", body);
    store.time.advance(1_000);
    assertEquals("[0.0]", durable.toString());
    assertFalse(store.store().isIdle());
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.pipeline.releaseHeld();
    assertEquals("[0.0, 500.0, 1000.0, 1500.0]", durable.toString());
    assertTrue(answer.ended);
  }

  @Test
  void whatHasNoRoomWaitsAndWhatCannotBeDurableIsRefused() {
    store.withArchive().with("DURABILITY", "pipeline").start();
    store.pipeline.setMode(FakePipeline.Mode.HOLD);
    FakeHttp answer =
        send("create", FakeHttp.body("{'$id':'a','$type':'T'}\n", "{'$id':'b','$type':'T'}\n"));
    store.time.advance(1_000);
    assertFalse(answer.ended);
    store.pipeline.setMode(FakePipeline.Mode.ACCEPT);
    store.pipeline.releaseHeld();
    store.time.advance(1_000);
    assertEquals(200, answer.status, answer.text);
    assertCounts(store.json.parse(answer.text), 2, 0, 0);
  }
}
