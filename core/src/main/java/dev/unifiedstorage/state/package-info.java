/**
 * What the store holds in memory: things, what of them is dirty, and what was deleted.
 *
 * <p>Every operation is O(1). A {@link dev.unifiedstorage.state.Thing} never changes: an update
 * makes another, so that undoing a write is putting the old one back. What changes is its {@link
 * dev.unifiedstorage.state.Entry}: dirty or clean, in which collection, and where its copy in
 * SQLite is.
 *
 * <p>Public API: {@link dev.unifiedstorage.state.InMemoryStateManager}, {@link
 * dev.unifiedstorage.state.StateOptions}, {@link dev.unifiedstorage.state.DirtyTracker}, {@link
 * dev.unifiedstorage.state.Thing}, {@link dev.unifiedstorage.state.Fields}. Other types are public
 * for the rest of the core.
 */
@NullMarked
package dev.unifiedstorage.state;

import org.jspecify.annotations.NullMarked;
