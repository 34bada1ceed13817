/**
 * The SQL port on sqlite-jdbc: one object's own database.
 *
 * <p>{@link dev.unifiedstorage.jvm.sqlite.SqliteStorage} is {@code storage.sql} of one object: a
 * file, opened when it is first needed, with the platform's limits and the platform's count of rows
 * written ({@link dev.unifiedstorage.jvm.sqlite.BilledRows}), so that what works and what costs
 * little on a laptop does so in production.
 *
 * <p>Public API: every type.
 */
@NullMarked
package dev.unifiedstorage.jvm.sqlite;

import org.jspecify.annotations.NullMarked;
