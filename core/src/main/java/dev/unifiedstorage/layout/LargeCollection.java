package dev.unifiedstorage.layout;

/**
 * What the commit record says of a collection that is not columnar.
 *
 * @param layout packed or normalized
 * @param sinceTx segment lines of this type from an older transaction are void: they are from
 *     before the collection moved
 * @param size how many things it had at the commit
 * @param mayExpire whether any of them may expire
 * @param lastSeq no thing in rows of its own is of a later event; infinite where that is not known,
 *     and of packed ones, whose rows say it each
 */
public record LargeCollection(
    Layout layout, double sinceTx, int size, boolean mayExpire, double lastSeq) {}
