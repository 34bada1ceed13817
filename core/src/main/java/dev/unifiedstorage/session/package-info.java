/**
 * Exactly once: the numbered writes of clients, and what came of them.
 *
 * <p>It knows names, numbers and the texts of replies, and nothing of things or events: checkpoints
 * persist it, a replay restores it, the store asks it.
 *
 * <p>Internal: only the core itself uses its types.
 */
@NullMarked
package dev.unifiedstorage.session;

import org.jspecify.annotations.NullMarked;
