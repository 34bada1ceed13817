package dev.unifiedstorage.emulator.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.emulator.Emulator;
import dev.unifiedstorage.emulator.EmulatorOptions;
import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.wal.Event;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** What the platform's stream takes, and that it takes whatever a store sends. */
class StreamSchemaTest {
  private static final int MOST_STEPS = 100_000;
  private static final String SECRET = "a secret of thirty-two characters";

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void everyFieldIsHeldAgainstTheSchemaByBothArchives() {
    for (StreamSchema.Field field : StreamSchema.FIELDS) {
      String about = field.toString();
      assertEquals(field.required(), misfit(record(field.name(), null)) != null, about);
      assertEquals(field.required(), misfit(record(field.name(), "null")) != null, about);
      assertNotNull(misfit(record(field.name(), "true")), about);
      assertNotNull(misfit(record(field.name(), "[]")), about);
    }
    assertNotNull(misfit(record("seq", "0.5")));
    assertNull(misfit(record("unknown", "[1]")));
  }

  /** A record of all fields, of which one has another value, or none. */
  private static String record(String name, String value) {
    List<String> fields = new ArrayList<>();
    for (StreamSchema.Field field : StreamSchema.FIELDS) {
      if (!field.name().equals(name)) {
        String some =
            switch (field.kind()) {
              case STRING -> "\"x\"";
              case INT64 -> "1";
              case JSON -> "{\"a\":[1]}";
            };
        fields.add("\"" + field.name() + "\":" + some);
      }
    }
    if (value != null) {
      fields.add("\"" + name + "\":" + value);
    }
    return "{" + String.join(",", fields) + "}";
  }

  /** What both archives say of a record, which has to be the same. */
  private static String misfit(String text) {
    JsonObject record = new JsoniterJson().parse(text);
    String inMemory = StreamSchema.misfit(record);
    byte[] line = (text + "\n").getBytes(StandardCharsets.UTF_8);
    String onDisk = new RecordLine().read(line, 0, line.length - 1, new EventRow());
    assertEquals(inMemory == null, onDisk == null, () -> text + ": " + inMemory + ", " + onDisk);
    if (inMemory != null) {
      assertTrue(onDisk.startsWith(inMemory), () -> onDisk + ", " + inMemory);
    }
    return onDisk;
  }

  @Test
  void everyShapeOfARecordThatAStoreSendsFits() throws Exception {
    Set<String> verbs = new TreeSet<>();
    Set<String> fields = new TreeSet<>();
    for (String form : List.of("event", "packed")) {
      for (String text : records(form)) {
        assertNull(misfit(text), text);
        JsonObject record = new JsoniterJson().parse(text);
        verbs.add(record.string("verb"));
        fields.addAll(record.keys());
      }
    }
    assertTrue(verbs.contains("store.events"), verbs::toString);
    Set<String> known = new TreeSet<>();
    StreamSchema.FIELDS.forEach(field -> known.add(field.name()));
    assertEquals(known, fields);
  }

  private List<String> records(String form) throws Exception {
    EmulatorOptions options =
        EmulatorOptions.builder()
            .virtualClock()
            .inMemory()
            .rollInterval(Duration.ofSeconds(1))
            .faults(true)
            .var("RECORDS", form)
            .var("AUTH_JWT_SECRET", SECRET)
            .build();
    try (Emulator emulator = Emulator.start(options)) {
      work(emulator);
      emulator.advance(Duration.ofSeconds(2));
      assertEquals(0, emulator.droppedRecords());
      List<String> records = emulator.events(0);
      Set<Event.Verb> seen = new TreeSet<>();
      for (String text : records) {
        Event.Verb verb = Event.Verb.ofName(new JsoniterJson().parse(text).string("verb"));
        if (verb != null) {
          seen.add(verb);
        }
      }
      Set<Event.Verb> all = new TreeSet<>(List.of(Event.Verb.values()));
      all.remove(Event.Verb.CUSTOM);
      assertEquals(all, seen);
      return records;
    }
  }

  /** Has a store send whatever it can. */
  private void work(Emulator emulator) throws Exception {
    requests(
        emulator,
        "{'type':'create','$type':'T','data':{'$id':'a','text':'zo\u00eb \u2603','n':0}}",
        "{'type':'create','$type':'T','data':{'$id':'b'},'expiresInMs':1000}",
        "{'type':'update','$id':'a','unset':['text'],'increment':{'n':1},'expiresInMs':90000000}",
        "{'type':'create','$type':'T','data':{'$id':'c'},'session':'s','n':1}",
        "{'type':'batch','atomic':true,'session':'s','n':2,'operations':["
            + "{'type':'update','$id':'c','data':{'n':1}},{'type':'delete','$id':'c'}]}",
        "{'type':'delete','$id':'a'}",
        "{'type':'create','$type':'T','data':{'$id':'d'}}");
    // A record of its own, where the others were one.
    requests(emulator, "{'type':'update','$id':'d','data':{'n':1}}");
    requests(emulator, "{'type':'delete','$id':'d'}");
    emulator.advance(Duration.ofMinutes(3));
    send(emulator, "POST", "/stores/store/restore", "{'at':{'seq':2}}");
    send(emulator, "POST", "/stores/store/fork", "{'to':'copy'}");
    send(emulator, "POST", "/stores/store/snapshot", "");
    send(emulator, "POST", "/stores/store/rebuild", "");
    send(emulator, "DELETE", "/stores/store", "");
    requests(emulator, "{'type':'create','$type':'T','data':{'$id':'e'}}");
  }

  private void requests(Emulator emulator, String... requests) throws Exception {
    String body = "[" + String.join(",", requests) + "]";
    String replies = send(emulator, "POST", "/stores/store/requests", body);
    assertTrue(!replies.contains("\"error\""), replies);
  }

  /** Sends a request, and lets time pass until it is answered. */
  private String send(Emulator emulator, String method, String path, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(emulator.url() + path))
            .header("Authorization", "Bearer " + token())
            .method(method, HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')))
            .build();
    CompletableFuture<HttpResponse<String>> answer =
        http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
    for (int i = 0; i < MOST_STEPS && !answer.isDone(); i++) {
      emulator.advance(Duration.ofMillis(1));
    }
    assertEquals(200, answer.join().statusCode(), answer.join()::body);
    return answer.join().body();
  }

  /** Of somebody who may do everything: whose sessions they are is in the records. */
  private static String token() throws GeneralSecurityException {
    String claims =
        "{\"sub\":\"zo\u00eb\",\"ns\":\"*\",\"scope\":\"read write admin\",\"exp\":99999999999}";
    String signed = base64("{\"alg\":\"HS256\"}".getBytes(StandardCharsets.UTF_8));
    signed += "." + base64(claims.getBytes(StandardCharsets.UTF_8));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    return signed + "." + base64(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
