/**
 * From a cold start to a state that holds everything acknowledged.
 *
 * <p>SQLite first; the archive when SQLite is empty or somebody asks for it. What is damaged or
 * incomplete is an error with a name, never an empty store.
 *
 * <p>Public API: {@link dev.unifiedstorage.recovery.ColdStartRecovery}, {@link
 * dev.unifiedstorage.recovery.RecoveryOptions}, {@link dev.unifiedstorage.recovery.RecoveryResult},
 * {@link dev.unifiedstorage.recovery.RecoveryProgress}, {@link
 * dev.unifiedstorage.recovery.ValidationResult}. Other types are public for the rest of the core.
 */
@NullMarked
package dev.unifiedstorage.recovery;

import org.jspecify.annotations.NullMarked;
