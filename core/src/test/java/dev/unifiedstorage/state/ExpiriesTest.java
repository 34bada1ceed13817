package dev.unifiedstorage.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.fixture.JacksonJson;
import org.junit.jupiter.api.Test;

/** Which thing expires next. */
final class ExpiriesTest {
  private final Things things = new Things(StateOptions.unlimited(), new JacksonJson());
  private final Expiries expiries = things.expiries();

  @Test
  void nothingExpiresAheadOfWhatIsOnlyInSqlite() {
    Fields none = Fields.ofText("{}");
    things.put(Thing.created("later", "T", none, 1, 1, 2).expiring(20));
    assertEquals("later", expiries.firstUntil(30));
    expiries.mayFollow(10);
    assertEquals(10, expiries.nearestMs());
    assertNull(expiries.firstUntil(30), "another one may expire first");
    things.put(Thing.created("first", "T", none, 1, 2, 2).expiring(5));
    assertEquals("first", expiries.firstUntil(30));
  }

  @Test
  void thingWhoseDeletionIsUndoneExpiresAsBefore() {
    things.put(Thing.created("a", "T", Fields.ofText("{}"), 1, 1, 2).expiring(20));
    Undo undo = things.remove("a", 2, 2);
    things.existingCollection("T").setMayExpire(false);
    undo.undo();
    assertTrue(things.existingCollection("T").mayExpire());
    assertEquals("a", expiries.firstUntil(20));
  }
}
