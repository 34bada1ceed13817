package dev.unifiedstorage.client;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A page of a query: the store at one moment.
 *
 * @param cursor where the next page begins; empty after the last one
 * @param at the store's position that it shows
 */
public record Page(List<Thing> things, Optional<String> cursor, String at) {

  static Page of(Map<String, Object> reply) {
    return new Page(
        ((List<?>) JsonText.member(reply, "things"))
            .stream().map(thing -> Thing.of((Map<?, ?>) thing)).toList(),
        Optional.ofNullable((String) reply.get("cursor")),
        (String) JsonText.member(reply, "at"));
  }
}
