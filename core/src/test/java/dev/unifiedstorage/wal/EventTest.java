package dev.unifiedstorage.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakeTime;
import dev.unifiedstorage.fixture.JacksonJson;
import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.state.Fields;
import dev.unifiedstorage.state.Thing;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EventTest {
  private final Json json = new JacksonJson();
  private final FakeTime time = new FakeTime();
  private final Origin origin = new Origin("tenant-123", "object-7", time, json);
  private final Life life =
      new Life(9007199254740991.0, 3, 41, 1769860800000.0, List.of(), true, Life.Emptied.NEVER);

  private List<Event> everyKind() {
    Thing alice =
        Thing.created(
            "customer_1", "Customer", Fields.ofText("{\"name\":\"Alice\"}"), time.nowMs(), 42, 9);
    Fields changes = Fields.ofText("{\"name\":\"Smith\"}");
    Thing smith = alice.updated(changes, time.nowMs() + 1, 43, 9, json);
    Fields removing = Fields.change(json.parse("{\"a\":1}"), List.of("name"));
    return List.of(
        Event.fence(origin, life),
        Event.created(origin, alice, life, false),
        Event.updated(origin, smith, changes, 9, Event.UNCHANGED, life, true),
        Event.deleted(origin, smith, life, 44, time.nowMs() + 2, true),
        Event.created(origin, alice.expiring(1_800_000_000_000.0), life, false),
        Event.updated(origin, smith, Fields.ofText("{}"), 2, 1_800_000_000_000.0, life, false),
        Event.updated(origin, smith, removing, 19, 0, life, true),
        Event.expired(origin, smith, life, 45, time.nowMs() + 2, true));
  }

  private String text(Event event) {
    JsonWriter writer = json.writer();
    event.writeTo(writer);
    return writer.text();
  }

  @Test
  void recordIsTheContracts() {
    assertEquals(
        "{\"verb\":\"thing.created\",\"store\":\"things\",\"payload\":{\"$id\":\"customer_1\","
            + "\"$type\":\"Customer\",\"$version\":1,\"name\":\"Alice\",\"$createdAt\":1769860800000,"
            + "\"$updatedAt\":1769860800000},\"timestamp\":\"2026-01-31T12:00:00.000Z\","
            + "\"idempotencyKey\":\"customer_1:created:1769860800000:3.42.9007199254740991\","
            + "\"_meta\":{\"namespace\":\"tenant-123\"},\"ns\":\"tenant-123\",\"epoch\":3,\"seq\":42,"
            + "\"life\":9007199254740991,"
            + "\"entityId\":\"customer_1\",\"entityType\":\"Customer\",\"version\":1,"
            + "\"ts\":1769860800000}",
        text(everyKind().get(1)));
  }

  @Test
  void bothFormsOfARecordSayTheSame() {
    for (Event event : everyKind()) {
      JsonObject object = event.toObject(json);
      assertEquals(text(event), json.writer().object(object).text());
    }
  }

  @Test
  void lineOfTheLogGivesTheSameRecordBack() {
    StringBuilder body = new StringBuilder();
    everyKind().forEach(event -> body.append(EventLine.write(event)).append('\n'));
    List<Event> read = new ArrayList<>();
    EventLine.readAll(body.toString(), origin, "a row", read::add);
    for (int i = 0; i < read.size(); i++) {
      assertEquals(text(everyKind().get(i)), text(read.get(i)));
      assertEquals(everyKind().get(i).joined(), read.get(i).joined());
    }
    assertEquals(everyKind().size(), read.size());
  }

  @Test
  void payloadsSayWhenAThingExpires() {
    List<String> payloads =
        everyKind().stream()
            .skip(4)
            .map(it -> it.toObject(json).object("payload"))
            .map(it -> json.writer().object(it).text())
            .toList();
    assertTrue(payloads.get(0).endsWith(",\"$expiresAt\":1800000000000}"), payloads.get(0));
    assertTrue(payloads.get(1).endsWith(",\"$expiresAt\":1800000000000}"), payloads.get(1));
    assertTrue(payloads.get(2).endsWith(",\"$expiresAt\":null}"), payloads.get(2));
    assertTrue(payloads.get(3).endsWith(",\"$reason\":\"expired\"}"), payloads.get(3));
  }

  @Test
  void sizeIsNeverUnderestimated() {
    for (Event event : everyKind()) {
      assertTrue(text(event).length() <= event.bytes(), text(event));
    }
  }
}
