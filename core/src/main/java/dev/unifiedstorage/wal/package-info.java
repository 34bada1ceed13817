/**
 * The write-ahead log: from an applied change to a reply that may leave.
 *
 * <p>A change becomes an {@link dev.unifiedstorage.wal.Event} with the next seq. The {@link
 * dev.unifiedstorage.wal.WriteAheadLog} holds it until it is durable, as {@link
 * dev.unifiedstorage.wal.Durability} says, and the {@link dev.unifiedstorage.wal.ReplyGate} holds
 * every reply until what it shows is durable. Every event reaches the Pipeline in order, one send
 * in flight; what the Pipeline does not take is kept in the {@link dev.unifiedstorage.wal.EventLog}
 * in SQLite. Nothing here writes or sends by itself: {@code checkpoint.Committer} does, once a
 * turn.
 *
 * <p>Public API: {@link dev.unifiedstorage.wal.PipelineEmitter}, {@link
 * dev.unifiedstorage.wal.PipelineEmitterConfig}, {@link dev.unifiedstorage.wal.EmitterStats},
 * {@link dev.unifiedstorage.wal.Durability}, {@link dev.unifiedstorage.wal.Records}. Other types
 * are public for the rest of the core.
 */
@NullMarked
package dev.unifiedstorage.wal;

import org.jspecify.annotations.NullMarked;
