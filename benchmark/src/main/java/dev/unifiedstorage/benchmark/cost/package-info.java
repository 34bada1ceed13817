/**
 * What a day costs: the core itself, driven through simulated time over a real SQLite database.
 *
 * <p>Rows are counted by SQLite and the platform's rule, time and the Pipeline are fakes, prices
 * come from the core's price sheet.
 */
package dev.unifiedstorage.benchmark.cost;
