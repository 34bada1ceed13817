/**
 * Each object's own SQLite database, and the alarms that the platform keeps, on sqlite-jdbc.
 *
 * <p>{@link dev.unifiedstorage.emulator.sqlite.SqliteStorage} is {@code storage.sql} of one object:
 * a file, opened when it is first needed, with the platform's limits and the platform's count of
 * rows written ({@link dev.unifiedstorage.emulator.sqlite.BilledRows}), so that what works and what
 * costs little on a laptop does so in production. {@link
 * dev.unifiedstorage.emulator.sqlite.EmulatorAlarms} outlive the process, as alarms do.
 */
package dev.unifiedstorage.emulator.sqlite;
