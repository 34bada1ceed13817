package dev.unifiedstorage.client;

import java.util.Map;
import java.util.Optional;

/**
 * What became of a write.
 *
 * @param id the thing's; "" for a delete
 * @param version the thing's, after it; 0 for a delete
 * @param thing as it is after the write, when it was asked for
 * @param replayed whether the store had carried this write out before: an answer got lost
 */
public record Written(String id, long version, Optional<Thing> thing, boolean replayed) {

  static Written of(Map<String, Object> reply) {
    return new Written(
        reply.get("$id") instanceof String id ? id : "",
        reply.get("$version") instanceof Double version ? version.longValue() : 0,
        reply.get("thing") instanceof Map<?, ?> thing
            ? Optional.of(Thing.of(thing))
            : Optional.empty(),
        Boolean.TRUE.equals(reply.get("replayed")));
  }
}
