package dev.unifiedstorage.state;

/**
 * That a thing of a type was deleted, by which event: a subscriber that comes back is told.
 *
 * <p>It is kept when the id is used again, and says nothing of what there is now.
 */
public record Deletion(String id, String type, double seq) {}
