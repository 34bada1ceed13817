package dev.unifiedstorage.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.FakeTime;
import dev.unifiedstorage.fixture.JacksonJson;
import dev.unifiedstorage.layout.Life;
import dev.unifiedstorage.port.ArchivedEvent;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.port.PipelineRecord;
import dev.unifiedstorage.state.Fields;
import dev.unifiedstorage.state.Thing;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Events that are one record, and that record taken apart. */
final class PackedEventsTest {
  private final Json json = new JacksonJson();
  private final FakeTime time = new FakeTime();
  private final Origin origin = new Origin("tenant-123", "object-7", time, json);
  private final Life life =
      new Life(9007199254740991.0, 3, 41, 1769860800000.0, List.of(), true, Life.Emptied.NEVER);

  /** Every form that an event of a thing can have, in the order of seqs from 42 on. */
  private List<Event> everyForm() {
    double ms = time.nowMs();
    String odd = "a\"b\\c\n\u00e9\ud83d\ude00\ud800";
    String fields = json.writer().object(json.object().set("na\"me", odd)).text();
    Thing alice = Thing.created("customer_1", "Customer", Fields.ofText(fields), ms, 42, 9);
    Fields changes = Fields.ofText("{\"name\":\"Smith\",\"deep\":{\"a\":[1,{\"b\":null}]}}");
    Thing smith = alice.updated(changes, ms - 5, 43, 9, json);
    Fields removing = Fields.change(json.parse("{\"a\":1}"), List.of("name", "$odd"));
    Thing brought =
        Thing.loaded("brought", "T", 9, ms - 900, ms - 800, 46, "{}").expiring(ms + 1_000);
    Thing older = Thing.loaded(odd, "T", 9, ms - 900, ms - 800, 47, "{\"n\":1}");
    return List.of(
        Event.created(origin, alice, life, false),
        Event.updated(origin, smith, changes, 9, Event.UNCHANGED, life, true)
            .inSession("s1", null, 7, Event.Extras.NO_BATCH),
        at(44, Event.updated(origin, smith, removing, 19, 0, life, true))
            .inSession("s\u00e9", "zo\u00eb", 8, 0),
        at(45, Event.updated(origin, smith, Fields.ofText("{}"), 2, ms + 1_000, life, false)),
        Event.forked(origin, brought, life, ms + 1),
        Event.forked(origin, older, life, ms + 1),
        Event.expired(origin, smith, life, 48, ms + 2, false),
        Event.deleted(origin, alice, life, 49, ms + 3, true)
            .inSession("s1", "zo\u00eb", 9, Event.Extras.NO_BATCH),
        at(50, Event.created(origin, alice.expiring(ms + 9), life, false)));
  }

  private static Event at(double seq, Event event) {
    return new Event(
        event.origin(),
        event.verb(),
        event.epoch(),
        event.life(),
        seq,
        event.entityId(),
        event.entityType(),
        event.version(),
        event.tsMs(),
        event.fields(),
        event.bytes(),
        event.joined(),
        event.custom(),
        event.extras());
  }

  private String text(PipelineRecord record) {
    JsonWriter writer = json.writer();
    record.writeTo(writer);
    return writer.text();
  }

  private ArchivedEvent row(PipelineRecord record) {
    JsonObject object = json.parse(text(record));
    return new ArchivedEvent(
        object.number("epoch"),
        object.number("life"),
        object.number("seq"),
        object.string("verb"),
        null,
        null,
        0,
        object.number("ts"),
        json.writer().object(object.object("payload")).text(),
        null,
        null,
        0,
        -1,
        (int) object.number("events"));
  }

  private List<ArchivedEvent> unpacked(PipelineRecord record) {
    PackedRow row = new PackedRow(row(record), origin);
    List<ArchivedEvent> events = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      events.add(row.event(i));
    }
    return events;
  }

  @Test
  void everyFormOfAnEventComesBackAsTheRowThatItsOwnRecordWouldBe() {
    List<Event> events = everyForm();
    List<PipelineRecord> packed = PackedEvents.pack(events);
    assertEquals(1, packed.size());
    List<ArchivedEvent> found = unpacked(packed.get(0));
    assertEquals(events.size(), found.size());
    for (int i = 0; i < events.size(); i++) {
      JsonObject own = json.parse(text(events.get(i)));
      ArchivedEvent row = found.get(i);
      assertEquals(json.writer().object(own.object("payload")).text(), row.payload());
      assertEquals(own.string("verb"), row.verb());
      assertEquals(own.string("entityId"), row.entityId());
      assertEquals(own.string("entityType"), row.entityType());
      assertEquals(own.number("version"), row.version());
      assertEquals(own.number("ts"), row.tsMs());
      assertEquals(own.number("seq"), row.seq());
      Event read = Event.archived(origin, row);
      assertTrue(read.saysWhat(Event.archived(origin, events.get(i).archivedRow())));
      assertEquals(events.get(i).extras(), read.extras());
    }
  }

  @Test
  void recordSaysWhatItHasAndEscapesNothingTwice() {
    Thing thing = Thing.created("c1", "T", Fields.ofText("{\"a\":\"\\\"\"}"), time.nowMs(), 42, 9);
    Fields changes = Fields.ofText("{\"b\":2}");
    Thing next = thing.updated(changes, time.nowMs() + 3, 43, 9, json);
    PipelineRecord record =
        PackedEvents.pack(
                List.of(
                    Event.created(origin, thing, life, false),
                    Event.updated(origin, next, changes, 7, Event.UNCHANGED, life, false)))
            .get(0);
    assertEquals(
        "{\"verb\":\"store.events\",\"store\":\"things\",\"payload\":{\"lastSeq\":43,\"events\":["
            + "[\"C\",0,1,\"T\",\"c1\",{\"a\":\"\\\"\"}],[\"U\",3,2,\"T\",\"c1\",{\"b\":2}]]},"
            + "\"timestamp\":\"2026-01-31T12:00:00.000Z\","
            + "\"idempotencyKey\":\"store:events-43:1769860800000:3.42.9007199254740991\","
            + "\"_meta\":{\"namespace\":\"tenant-123\"},\"ns\":\"tenant-123\",\"epoch\":3,\"seq\":42,"
            + "\"life\":9007199254740991,\"events\":2,\"ts\":1769860800000}",
        text(record));
    assertEquals(text(record), json.writer().object(record.toObject(json)).text());
  }

  @Test
  void fencesAndWhatDoesNotFollowAreRecordsOfTheirOwn() {
    List<Event> events = everyForm();
    Life next = new Life(5, 4, 50, 1769860800000.0, List.of(), true, Life.Emptied.NEVER);
    Thing other = Thing.created("o", "T", Fields.ofText("{}"), time.nowMs(), 51, 2);
    List<Event> batch = new ArrayList<>();
    batch.add(Event.fence(origin, life));
    batch.addAll(events.subList(0, 3));
    batch.addAll(events.subList(4, 6));
    batch.add(Event.probe(origin, 3, 17, time.nowMs()));
    batch.add(events.get(8));
    batch.add(Event.created(origin, other, next, false));
    List<String> found =
        PackedEvents.pack(batch).stream()
            .map(record -> json.parse(text(record)))
            .map(record -> record.string("verb") + " " + (long) record.number("seq"))
            .toList();
    assertEquals(
        List.of(
            "store.fence 0",
            "store.events 42",
            "store.events 46",
            "store.probe 0",
            "thing.created 50",
            "thing.created 51"),
        found);
  }

  @Test
  void recordHasABoundOfEventsAndOneOfBytes() {
    assertEquals(List.of(1000, 1000, 1), sizes(2001, 10));
    for (int size : sizes(30, 30_000)) {
      assertTrue(size <= 8, "one has " + size + " events of 30,000 bytes");
    }
  }

  private List<Integer> sizes(int count, int bytes) {
    List<Event> batch = new ArrayList<>();
    Fields fields = Fields.ofText("{\"text\":\"" + "x".repeat(bytes) + "\"}");
    for (int i = 1; i <= count; i++) {
      Thing thing = Thing.created("t" + i, "T", fields, time.nowMs(), i, bytes + 11);
      batch.add(Event.created(origin, thing, life, false));
    }
    List<Integer> sizes = new ArrayList<>();
    for (PipelineRecord record : PackedEvents.pack(batch)) {
      JsonObject object = json.parse(text(record));
      boolean packed = object.string("verb").equals(ArchivedEvent.PACKED);
      sizes.add(packed ? (int) object.number("events") : 1);
      assertTrue(text(record).length() <= PackedEvents.bytesOf(record));
      assertTrue(text(record).length() <= 300_000);
    }
    return sizes;
  }

  @Test
  void sizeIsNeverUnderestimated() {
    PipelineRecord record = PackedEvents.pack(everyForm()).get(0);
    assertTrue(text(record).length() <= PackedEvents.bytesOf(record), text(record));
  }

  @Test
  void otherEventsFromTheSameOneOnAreAnotherKey() {
    List<Event> events = everyForm();
    String some = text(PackedEvents.pack(events.subList(0, 2)).get(0));
    String more = text(PackedEvents.pack(events.subList(0, 3)).get(0));
    String some2 = json.parse(some).string("idempotencyKey");
    assertNotEquals(some2, json.parse(more).string("idempotencyKey"));
    assertTrue(some2.endsWith(":3.42.9007199254740991"), some2);
  }

  @Test
  void rowThatNoStoreHasWrittenIsAnErrorThatNamesIt() {
    for (String payload :
        List.of(
            "{}",
            "{\"events\":[]}",
            "{\"events\":[1,2]}",
            "{\"events\":[[\"C\",0,1,\"T\"],[]]}",
            "{\"events\":[[\"F\",0,1,\"T\",\"c1\",{}],[]]}",
            "{\"events\":[[\"?\",0,1,\"T\",\"c1\",{}],[]]}")) {
      ArchivedEvent row =
          new ArchivedEvent(
              3, 5, 42, ArchivedEvent.PACKED, null, null, 0, 5, payload, null, null, 0, -1, 2);
      RuntimeException error =
          assertThrows(RuntimeException.class, () -> new PackedRow(row, origin).event(0), payload);
      String message = String.valueOf(error.getMessage());
      assertTrue(message.startsWith("epoch 3, life 5, seq 42: expected a packed record"), message);
    }
  }
}
