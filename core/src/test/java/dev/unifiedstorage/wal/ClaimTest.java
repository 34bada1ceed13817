package dev.unifiedstorage.wal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unifiedstorage.fixture.FakeTime;
import dev.unifiedstorage.fixture.JacksonJson;
import dev.unifiedstorage.layout.Life;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which states of a claim follow which. */
final class ClaimTest {
  private static final Claim UNCLAIMED = new Claim.Unclaimed(false);
  private static final Claim MUST_CLAIM = new Claim.Unclaimed(true);

  private final Event fence =
      Event.fence(
          new Origin("tenant-123", "object-7", new FakeTime(), new JacksonJson()),
          new Life(7, 3, 41, 1769860800000.0, List.of(), true, Life.Emptied.NEVER));

  @Test
  void aLifeWhoseEventsMayHaveLeftHasToBeFollowedByAnother() {
    assertEquals(MUST_CLAIM, UNCLAIMED.begin(fence).fenceTaken().undone(true));
  }

  @Test
  void aLifeThatNoRecordClaimedNeverWas() {
    assertEquals(UNCLAIMED, UNCLAIMED.begin(fence).undone(false));
  }

  /** Or a start would bring back what the life before it has undone. */
  @Test
  void aLifeThatNoRecordClaimedLeavesItsDutyToTheNext() {
    assertEquals(MUST_CLAIM, MUST_CLAIM.begin(fence).undone(false));
    assertEquals(MUST_CLAIM, MUST_CLAIM.begin(fence).fenceTaken().undone(false));
    assertEquals(MUST_CLAIM, MUST_CLAIM.begin(fence).begin(fence).undone(false));
  }

  @Test
  void aRecoveryEndsWhereItBegan() {
    Claim recovering = MUST_CLAIM.recover(fence).probeTaken().refused("no");
    assertEquals(new Claim.Recovering(Optional.empty(), Optional.of("no"), MUST_CLAIM), recovering);
    assertEquals(MUST_CLAIM, recovering.ended());
  }

  @Test
  void noOtherTransitionIsTaken() {
    assertThrows(IllegalStateException.class, () -> UNCLAIMED.undone(true));
    assertThrows(IllegalStateException.class, UNCLAIMED::fenceTaken);
    assertThrows(IllegalStateException.class, UNCLAIMED::ended);
    assertThrows(IllegalStateException.class, () -> UNCLAIMED.recover(fence).begin(fence));
    assertThrows(IllegalStateException.class, () -> UNCLAIMED.begin(fence).ended());
  }
}
