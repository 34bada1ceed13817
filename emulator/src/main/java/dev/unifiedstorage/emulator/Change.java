package dev.unifiedstorage.emulator;

import java.util.Map;

/**
 * What has become of a thing.
 *
 * @param id its {@code $id}
 * @param thing the whole thing as it is now, of JSON's values; null when it is gone
 */
public record Change(String id, Map<String, Object> thing) {}
