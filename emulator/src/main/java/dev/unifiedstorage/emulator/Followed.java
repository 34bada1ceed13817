package dev.unifiedstorage.emulator;

import java.util.Map;

/**
 * What one who follows a store is told: the next step to the things that match.
 *
 * @param snapshot whether everything comes anew, so that what was told before is dropped
 * @param things by id: a whole thing is set; null: it is gone, or does not match any more
 * @param at the moment whose things these are once nothing more comes for it
 * @param more whether the rest follows
 */
public record Followed(
    boolean snapshot, Map<String, Map<String, Object>> things, String at, boolean more) {}
