/**
 * Following: who is told of changes, and what they have yet to be told.
 *
 * <p>It asks the state and what is durable, and nothing that writes asks it: without subscribers it
 * costs nothing. Its own package because only what is here decides what a subscriber may see.
 *
 * <p>Internal: only the core itself uses its types.
 */
@NullMarked
package dev.unifiedstorage.feed;

import org.jspecify.annotations.NullMarked;
