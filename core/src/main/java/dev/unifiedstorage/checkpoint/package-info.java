/**
 * Lazy persistence: from what is dirty in memory to few, fat rows in SQLite.
 *
 * <p>The {@link dev.unifiedstorage.checkpoint.LazyCheckpointer} decides when, the {@link
 * dev.unifiedstorage.checkpoint.CheckpointWriter} writes, in one transaction: things, deletions,
 * the outbox and the commit record. The {@link dev.unifiedstorage.checkpoint.CheckpointLoader} is
 * its counterpart: what one writes the other reads, whatever layouts the collections have passed
 * through.
 *
 * <p>Public API: {@link dev.unifiedstorage.checkpoint.LazyCheckpointer}, {@link
 * dev.unifiedstorage.checkpoint.LazyCheckpointerOptions}, {@link
 * dev.unifiedstorage.checkpoint.CheckpointStats}, {@link
 * dev.unifiedstorage.checkpoint.CheckpointerStats}, {@link dev.unifiedstorage.checkpoint.Trigger}.
 * Other types are public for the rest of the core.
 */
@NullMarked
package dev.unifiedstorage.checkpoint;

import org.jspecify.annotations.NullMarked;
