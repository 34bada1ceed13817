package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The judges of the kill tests, which must themselves be able to say no. */
class OracleTest {
  private final Oracle oracle = new Oracle();

  private static void refused(Runnable judgement) {
    assertThrows(AssertionError.class, judgement::run);
  }

  @Test
  void anUnconfirmedWriteMayBeThereOrNot() {
    oracle.created("a");
    oracle.settle(Map.of("a", Oracle.State.ABSENT));
    Oracle.Write create = oracle.created("a");
    oracle.settle(Map.of("a", create.state()));
    assertEquals(create.state(), oracle.latest("a"));
  }

  @Test
  void aConfirmedWriteMustBeThere() {
    oracle.acknowledged(oracle.created("a"));
    refused(() -> oracle.settle(Map.of("a", Oracle.State.ABSENT)));
  }

  @Test
  void anOlderStateThanTheConfirmedOneIsStale() {
    Oracle.Write create = oracle.created("a");
    oracle.acknowledged(create);
    oracle.acknowledged(oracle.updated("a"));
    refused(() -> oracle.settle(Map.of("a", create.state())));
  }

  @Test
  void aConfirmedDeleteDoesNotComeBack() {
    Oracle.Write create = oracle.created("a");
    oracle.acknowledged(create);
    oracle.acknowledged(oracle.deleted("a"));
    refused(() -> oracle.settle(Map.of("a", create.state())));
  }

  @Test
  void whatAReadHasShownMustStay() {
    Oracle.Write create = oracle.created("a");
    oracle.shown("a", create.state());
    refused(() -> oracle.settle(Map.of("a", Oracle.State.ABSENT)));
  }

  @Test
  void halfAnAtomicBatchIsWrong() {
    Oracle.Write a = oracle.created("a");
    oracle.acknowledged(oracle.created("b"));
    Oracle.State before = oracle.latest("b");
    Oracle.Write b = oracle.updated("b");
    oracle.together(List.of(a, b));
    refused(() -> oracle.settle(Map.of("a", a.state(), "b", before)));
    oracle.settle(Map.of("a", a.state(), "b", b.state()));
  }

  @Test
  void anAcknowledgementOutOfOrderIsWrong() {
    Oracle.Write create = oracle.created("a");
    Oracle.Write update = oracle.updated("a");
    oracle.acknowledged(update);
    refused(() -> oracle.acknowledged(create));
  }

  private static JsonNode record(int epoch, int seq, String verb) {
    return Session.json(
        "{'epoch':%d,'seq':%d,'verb':'%s','entityId':'a','idempotencyKey':'%d.%d','payload':{}}"
            .formatted(epoch, seq, verb, epoch, seq));
  }

  private static JsonNode fence(int epoch) {
    return record(epoch, 0, "store.fence");
  }

  private static JsonNode created(int epoch, int seq) {
    return record(epoch, seq, "thing.created");
  }

  @Test
  void aLogWithAGapIsWrong() {
    refused(() -> EventLog.of(List.of(fence(1), created(1, 1), created(1, 3))));
    refused(() -> EventLog.of(List.of(fence(1), created(1, 2))));
  }

  @Test
  void aLogWithoutAFenceIsWrong() {
    refused(() -> EventLog.of(List.of(created(1, 1))));
    refused(() -> EventLog.of(List.of(fence(1), created(1, 1), created(2, 2))));
  }

  @Test
  void aChangedRepeatIsWrong() {
    JsonNode changed = Session.json(created(1, 1).toString()).put("ts", 9);
    refused(() -> EventLog.of(List.of(fence(1), created(1, 1), changed)));
    assertEquals(1, EventLog.of(List.of(fence(1), created(1, 1), created(1, 1))).events().size());
  }

  @Test
  void aNewerEpochVoidsWhatItReplaces() {
    EventLog log =
        EventLog.of(
            List.of(
                fence(1), created(1, 1), created(1, 2), fence(2), created(2, 2), created(1, 3)));
    assertEquals(
        List.of("1.1", "2.2"),
        log.events().stream().map(e -> e.path("idempotencyKey").asText()).toList());
    assertEquals(2, log.fences().size());
  }

  @Test
  void aMissingEventIsNamed() {
    oracle.acknowledged(oracle.created("a"));
    assertTrue(oracle.missingFrom(EventLog.of(List.of())).contains("[1]"));
  }
}
