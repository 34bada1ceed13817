/**
 * From a cold start to a state that holds everything acknowledged.
 *
 * <p>SQLite first; the archive when SQLite is empty or somebody asks for it. What is damaged or
 * incomplete is an error with a name, never an empty store.
 */
@NullMarked
package dev.unifiedstorage.recovery;

import org.jspecify.annotations.NullMarked;
