package dev.unifiedstorage.state;

/**
 * A deletion that no checkpoint has persisted yet.
 *
 * @param seq the deletion's event: a reply that shows the absence waits until it is durable
 * @param segmentSlot the packed segment that still holds the thing, or 0
 * @param hasRow whether a normalized row still holds it
 */
public record Tombstone(String id, double seq, int segmentSlot, boolean hasRow) {}
