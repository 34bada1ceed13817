/**
 * The write-ahead log: from an applied change to a reply that may leave.
 *
 * <p>A change becomes an {@link dev.unifiedstorage.wal.Event} with the next seq. The {@link
 * dev.unifiedstorage.wal.WriteAheadLog} makes it durable as the durability mode says, and the
 * {@link dev.unifiedstorage.wal.ReplyGate} holds every reply until what it shows is durable. Every
 * event reaches the Pipeline through the {@link dev.unifiedstorage.wal.PipelineEmitter}, in order,
 * one send in flight; what the Pipeline will not take is kept in the {@link
 * dev.unifiedstorage.wal.EventLog} in SQLite.
 */
package dev.unifiedstorage.wal;
