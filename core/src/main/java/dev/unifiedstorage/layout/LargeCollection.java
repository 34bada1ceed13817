package dev.unifiedstorage.layout;

/**
 * What the commit record says of a collection that is not columnar.
 *
 * @param layout packed or normalized
 * @param sinceTx segment lines of this type from an older transaction are void: they are from
 *     before the collection moved
 * @param size how many things it had at the commit
 * @param mayExpire whether any of them may expire
 */
public record LargeCollection(Layout layout, double sinceTx, int size, boolean mayExpire) {}
