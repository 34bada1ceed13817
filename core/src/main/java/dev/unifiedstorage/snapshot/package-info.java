/**
 * Snapshots: the whole store as records of the log, so that a rebuild reads the newest of them and
 * what came behind it, and older rows may be erased.
 *
 * <p>A snapshot is parts and a head. The parts hold what the store held behind one event: things,
 * the newest deletions, and clients' sessions. The {@link dev.unifiedstorage.snapshot.SnapshotHead}
 * is sent once the Pipeline has all of them; what has no head, or fewer parts than its head names,
 * does not count as a snapshot. All of them are rows of a namespace of their own, which no store
 * can have, so that who reads events never meets one.
 *
 * <p>Internal: only the core itself uses its types.
 */
@NullMarked
package dev.unifiedstorage.snapshot;

import org.jspecify.annotations.NullMarked;
