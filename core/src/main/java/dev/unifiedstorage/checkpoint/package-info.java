/**
 * Lazy persistence: from what is dirty in memory to few, fat rows in SQLite.
 *
 * <p>The {@link dev.unifiedstorage.checkpoint.LazyCheckpointer} decides when, the {@link
 * dev.unifiedstorage.checkpoint.CheckpointWriter} writes, in one transaction: things, deletions,
 * the outbox and the commit record. The {@link dev.unifiedstorage.checkpoint.CheckpointLoader} is
 * its counterpart: what one writes the other reads, whatever layouts the collections have passed
 * through.
 */
@NullMarked
package dev.unifiedstorage.checkpoint;

import org.jspecify.annotations.NullMarked;
