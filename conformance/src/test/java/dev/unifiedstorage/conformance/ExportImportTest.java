package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code GET export} and {@code POST import}: all things of a store as lines of JSON. */
@ExtendWith(SharedServer.class)
class ExportImportTest {
  private static HttpResponse<String> get(Session s, String query) throws IOException {
    return s.http().request("GET", "/stores/" + s.namespace() + "/export" + query, null);
  }

  private static List<String> lines(HttpResponse<String> export) {
    assertEquals(200, export.statusCode(), export::body);
    assertEquals("application/x-ndjson", export.headers().firstValue("content-type").orElse(""));
    return List.of(export.body().split("\n"));
  }

  /** The things of a complete export, by id. */
  private static SortedMap<String, JsonNode> things(Session s, List<String> lines) {
    JsonNode header = Session.json(lines.get(0));
    assertEquals("unified-storage/1", header.path("format").asText());
    assertEquals(s.namespace(), header.path("namespace").asText());
    assertTrue(header.path("at").isTextual(), header::toString);
    SortedMap<String, JsonNode> things = new TreeMap<>();
    for (String line : lines.subList(1, lines.size() - 1)) {
      JsonNode thing = Session.json(line);
      assertEquals(null, things.put(thing.path("$id").asText(), thing), line);
    }
    assertEquals(things.size(), header.path("things").asInt());
    assertEquals("{\"end\":true,\"things\":" + things.size() + "}", lines.get(lines.size() - 1));
    return things;
  }

  private static SortedMap<String, JsonNode> export(Session s) throws IOException {
    return things(s, lines(get(s, "")));
  }

  private static HttpResponse<String> post(Session s, String namespace, String mode, String body)
      throws IOException {
    String path = "/stores/" + namespace + "/import" + mode;
    return s.http().request("POST", path, body);
  }

  private static JsonNode imported(Session s, String mode, String body) throws IOException {
    HttpResponse<String> answer = post(s, s.namespace(), "?mode=" + mode, body.replace('\'', '"'));
    assertEquals(200, answer.statusCode(), answer::body);
    return Session.json(answer.body());
  }

  private static void assertRefused(int status, String code, HttpResponse<String> response) {
    assertEquals(status, response.statusCode(), response::body);
    assertEquals(code, Session.json(response.body()).path("error").path("code").asText());
  }

  @Test
  void anExportShowsWhatReadsShowAndTypesAlone(Session s) throws Exception {
    assertEquals(0, export(s).size());
    s.create("a", "{'n':1,'o':{'x':[1,null,'é😀']}}").ack();
    s.call("{'type':'put','$type':'U','$id':'b','data':{},'expiresInMs':600000}").ack();
    s.call("{'type':'put','$type':'U','$id':'soon','data':{},'expiresInMs':1}").ack();
    Until.within(Duration.ofSeconds(30))
        .sees("soon has expired", () -> s.thing("soon").isMissingNode(), gone -> gone);
    SortedMap<String, JsonNode> things = export(s);
    assertEquals("[a, b]", things.keySet().toString());
    assertEquals(s.thing("a"), things.get("a"));
    assertEquals(s.thing("b"), things.get("b"));
    assertEquals("[b]", things(s, lines(get(s, "?type=U"))).keySet().toString());
    assertEquals("[]", things(s, lines(get(s, "?type=V"))).keySet().toString());
    for (String wrong : List.of("?type=", "?at=", "?at=yesterday", "?at=1-1", "?type=%FF")) {
      assertRefused(400, "VALIDATION_ERROR", get(s, wrong));
    }
    // Nothing can tell the past here.
    assertRefused(503, "UNAVAILABLE", get(s, "?at=%7B%22seq%22:1%7D"));
    String path = "/stores/" + s.namespace() + "/export";
    assertRefused(405, "VALIDATION_ERROR", s.http().request("POST", path, ""));
  }

  /** Every batch leaves the sum as it was, so a sum that differs is of no moment. */
  @Test
  void anExportIsOfOneMomentWhileWritesGoOn(Session s) throws Exception {
    int count = 300;
    ObjectNode batch = Session.json("{'type':'batch','atomic':true,'operations':[]}");
    ArrayNode operations = batch.withArray("operations");
    for (int i = 0; i < count; i++) {
      ObjectNode create = Session.createRequest("t" + i, "{'n':10}");
      ((ObjectNode) create.get("data")).put("text", "x".repeat(2_000));
      operations.add(create);
    }
    s.call(batch).ack();
    AtomicBoolean stop = new AtomicBoolean();
    Thread writer =
        new Thread(
            () -> {
              Random random = new Random(7);
              while (!stop.get()) {
                int from = random.nextInt(count);
                int to = random.nextInt(count);
                s.call(
                    "{'type':'batch','atomic':true,'operations':["
                        + "{'type':'update','$id':'t"
                        + from
                        + "','increment':{'n':-1}},{'type':'update','$id':'t"
                        + to
                        + "','increment':{'n':1}}]}");
              }
            });
    writer.start();
    try {
      for (int i = 0; i < 12; i++) {
        SortedMap<String, JsonNode> things = export(s);
        assertEquals(count, things.size());
        int sum = things.values().stream().mapToInt(thing -> thing.path("n").asInt()).sum();
        assertEquals(10 * count, sum);
      }
    } finally {
      stop.set(true);
      writer.join();
    }
  }

  @Test
  void anExportThatWouldKeepTooMuchBreaksOffWithoutItsEnd(Session s, StoreServer server)
      throws IOException {
    int count = 44;
    String text = "x".repeat(700_000);
    for (int i = 0; i < count; i++) {
      s.create("t" + i, "{'text':'" + text + "'}").ack();
    }
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.process().port())) {
      socket.setSoTimeout(60_000);
      socket.setReceiveBufferSize(64 * 1024);
      String request =
          "GET /stores/"
              + s.namespace()
              + "/export HTTP/1.1\r\nHost: store\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      String line = in.readLine();
      assertTrue(line.contains("200"), line);
      while (!line.contains("unified-storage/1")) {
        line = in.readLine();
      }
      // The client reads no more, and everything changes.
      for (int i = 0; i < count; i++) {
        s.update("t" + i, "{'text':''}").ack();
      }
      boolean end = false;
      try {
        for (line = in.readLine(); line != null; line = in.readLine()) {
          end |= line.contains("\"end\":true");
        }
      } catch (IOException e) {
        // It may break off in the middle of the connection's own form.
      }
      assertFalse(end);
    }
    // Nothing of it stays behind.
    assertEquals(count, export(s).size());
  }

  @Test
  void whatWasExportedIsImportedIntoAnotherStore(Session s, StoreServer server) throws IOException {
    for (int batch = 0; batch < 3; batch++) {
      ObjectNode request = Session.json("{'type':'batch','operations':[]}");
      for (int i = 0; i < 700; i++) {
        int n = batch * 700 + i;
        request.withArray("operations").add(Session.createRequest("é" + n, "{'n':" + n + "}"));
      }
      s.call(request).ack();
    }
    s.call("{'type':'put','$type':'U','$id':'later','data':{'x':1},'expiresInMs':6000000}").ack();
    s.update("é7", "{'more':true}").ack();
    String body = get(s, "").body();
    String copy = s.namespace() + ".copy";
    HttpResponse<String> answer = post(s, copy, "?mode=create", body);
    assertEquals("{\"created\":2101,\"replaced\":0,\"unchanged\":0,\"failed\":[]}", answer.body());
    for (String mode : List.of("create", "put")) {
      HttpResponse<String> again = post(s, copy, "?mode=" + mode, body);
      assertEquals("{\"created\":0,\"replaced\":0,\"unchanged\":2101,\"failed\":[]}", again.body());
    }
    try (Session other = server.open(copy)) {
      SortedMap<String, JsonNode> things = export(other);
      SortedMap<String, JsonNode> originals = export(s);
      assertEquals(originals.keySet(), things.keySet());
      things.forEach(
          (id, thing) -> {
            ObjectNode original = (ObjectNode) originals.get(id);
            ObjectNode mine = (ObjectNode) thing;
            assertEquals(1, mine.path("$version").asInt(), id);
            List<String> own = List.of("$version", "$createdAt", "$updatedAt");
            assertEquals(original.deepCopy().remove(own), mine.deepCopy().remove(own));
          });
      assertEquals(originals.get("later").get("$expiresAt"), things.get("later").get("$expiresAt"));
    }
  }

  @Test
  void createLeavesWhatIsThereAndPutReplacesIt(Session s) throws IOException {
    s.create("same", "{'n':1,'o':{'a':1,'b':2}}").ack();
    s.create("other", "{'n':1}").ack();
    String body =
        "{'$id':'same','$type':'Customer','o':{'b':2,'a':1},'n':1,'$version':9}\n\n"
            + "{'$id':'other','$type':'Customer','n':2}\r\n{'$id':'new','$type':'Customer'}";
    JsonNode answer = imported(s, "create", body);
    assertEquals(1, answer.path("created").asInt(), answer::toString);
    assertEquals(1, answer.path("unchanged").asInt(), answer::toString);
    assertEquals(3, answer.path("failed").path(0).path("line").asInt(), answer::toString);
    assertEquals("CONFLICT", answer.path("failed").path(0).path("code").asText());
    answer = imported(s, "put", body);
    assertEquals("{\"created\":0,\"replaced\":1,\"unchanged\":2,\"failed\":[]}", answer.toString());
    assertEquals(1, s.thing("same").path("$version").asInt());
    assertEquals(2, s.thing("other").path("$version").asInt());
    assertEquals(2, s.thing("other").path("n").asInt());
  }

  @Test
  void wrongLinesAreToldByTheirNumbers(Session s) throws IOException {
    JsonNode answer =
        imported(
            s,
            "put",
            "nothing\n[]\n{'$type':'T'}\n{'$id':'a'}\n{'$id':'a','$type':'T','$odd':1}\n"
                + "{'$id':'a','$type':'T','$expiresAt':'soon'}\n"
                + "{'$id':'a','$type':'T','$expiresAt':1}\n"
                + "{'$id':'large','$type':'T','text':'"
                + "x".repeat(1_100_000)
                + "'}\n{'$id':'good','$type':'T'}\n"
                + "7\n".repeat(110));
    assertEquals(1, answer.path("created").asInt());
    assertEquals(1, answer.path("unchanged").asInt());
    String[] codes = {
      "PARSE_ERROR",
      "PARSE_ERROR",
      "VALIDATION_ERROR",
      "VALIDATION_ERROR",
      "VALIDATION_ERROR",
      "VALIDATION_ERROR",
    };
    JsonNode failed = answer.path("failed");
    for (int i = 0; i < codes.length; i++) {
      assertEquals(i + 1, failed.path(i).path("line").asInt(), failed.path(i)::toString);
      assertEquals(codes[i], failed.path(i).path("code").asText(), failed.path(i)::toString);
      assertTrue(failed.path(i).path("error").isTextual());
    }
    assertEquals(8, failed.path(6).path("line").asInt());
    assertEquals("PAYLOAD_TOO_LARGE", failed.path(6).path("code").asText());
    assertEquals(100, failed.size());
    assertEquals(117, answer.path("failures").asInt());
    assertFalse(s.thing("good").isMissingNode());
  }

  @Test
  void aRequestThatIsNoImportIsRefused(Session s) throws IOException {
    for (String mode : List.of("", "?mode=", "?mode=replace")) {
      assertRefused(400, "VALIDATION_ERROR", post(s, s.namespace(), mode, ""));
    }
    String other = "{\"format\":\"unified-storage/2\"}\n";
    assertRefused(400, "VALIDATION_ERROR", post(s, s.namespace(), "?mode=put", other));
    assertEquals(
        "{\"created\":0,\"replaced\":0,\"unchanged\":0,\"failed\":[]}",
        post(s, s.namespace(), "?mode=put", "").body());
    String path = "/stores/" + s.namespace() + "/import?mode=put";
    assertRefused(405, "VALIDATION_ERROR", s.http().request("GET", path, null));
  }

  @Test
  void aBodyThatIsNoTextIsRefusedWithItsLine(Session s, StoreServer server) throws IOException {
    byte[] head = "{\"$id\":\"a\",\"$type\":\"T\"}\n{\"$id\":\"".getBytes(StandardCharsets.UTF_8);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.process().port())) {
      socket.setSoTimeout(30_000);
      String request =
          "POST /stores/"
              + s.namespace()
              + "/import?mode=put HTTP/1.1\r\nHost: store\r\nConnection: close\r\nContent-Length: "
              + (head.length + 2)
              + "\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(head);
      socket.getOutputStream().write(new byte[] {(byte) 0xff, '\n'});
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
      assertTrue(answer.contains("expected UTF-8 text"), answer);
    }
  }
}
