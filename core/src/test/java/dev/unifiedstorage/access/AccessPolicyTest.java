package dev.unifiedstorage.access;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class AccessPolicyTest {
  private static final String STATS = "/stores/a/stats";
  private final AccessPolicy guarded = new AccessPolicy("s3 é+/=&?%#", true, "set ACCESS_TOKEN");

  @Test
  void tokenIsTakenFromTheHeaderOrTheQuery() {
    assertTrue(guarded.allows("Bearer s3 é+/=&?%#", STATS));
    assertTrue(guarded.allows("bEARER   s3 é+/=&?%#  ", STATS));
    String encoded = "s3+%C3%A9%2B%2F%3D%26%3F%25%23";
    assertTrue(guarded.allows(null, STATS + "?access_token=" + encoded));
    assertTrue(guarded.allows(null, STATS + "?x=1&access_token=" + encoded + "&access_token=no"));
    assertTrue(guarded.allows("Basic x", STATS + "?access_token=" + encoded), "no bearer");
  }

  @Test
  void anythingElseIsRefused() {
    for (String header : new String[] {null, "", "Bearer", "Bearer ", "Bearer s3", "s3 é+/=&?%#"}) {
      assertFalse(guarded.allows(header, STATS), header);
    }
    assertFalse(guarded.allows("Bearer s3 é+/=&?%#s3 é+/=&?%#", STATS), "the token twice");
    for (String query : new String[] {"", "access_token", "access_token=", "access_token=%"}) {
      assertFalse(guarded.allows(null, STATS + "?" + query), query);
    }
    assertFalse(guarded.allows("Bearer no", STATS + "?access_token=s3"), "the header counts");
    assertTrue(guarded.refusal().contains("Authorization: Bearer"), guarded.refusal());
  }

  @Test
  void withoutATokenEveryClientMayInOrNone() {
    assertTrue(new AccessPolicy(null, true, "").allows(null, STATS));
    AccessPolicy closed = new AccessPolicy("", false, "set ACCESS_TOKEN");
    assertFalse(closed.allows("Bearer ", STATS + "?access_token="));
    assertTrue(closed.refusal().contains("set ACCESS_TOKEN"), closed.refusal());
  }
}
