/**
 * The archive as a record of the past: which of its rows count, and what things were.
 *
 * <p>An {@link dev.unifiedstorage.past.ArchivePass} reads rows, {@link
 * dev.unifiedstorage.past.Path} says which of them count, {@link dev.unifiedstorage.past.Replay}
 * makes things of events. A recovery uses the same three. An {@link
 * dev.unifiedstorage.past.ArchiveWatch} says of a store that runs what the archive lacks.
 *
 * <p>Public API: {@link dev.unifiedstorage.past.RecoveryException}. Other types are public for the
 * rest of the core.
 */
@NullMarked
package dev.unifiedstorage.past;

import org.jspecify.annotations.NullMarked;
