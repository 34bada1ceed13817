package dev.unifiedstorage.junit5;

/**
 * The acknowledgement of a write.
 *
 * @param id the thing's {@code $id}
 * @param version its version after the write, 1 for a new one
 */
public record Written(String id, long version) {}
