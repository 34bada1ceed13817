package dev.unifiedstorage.client;

import java.util.Map;
import java.util.Optional;

/**
 * What a live set tells of.
 *
 * @param changes the things that are different now, by id; empty for those that are gone
 */
public record LiveChange(LiveSet.State state, Map<String, Optional<Thing>> changes) {}
