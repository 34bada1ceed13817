/**
 * How long things take: what every room counts with.
 *
 * <p>Counts are of one instance in memory and begin anew with the next, as Prometheus expects of a
 * process. They cost nothing but memory: no row, no alarm, no send.
 *
 * <p>Internal: what is published of them is in the stats and the metrics.
 */
@NullMarked
package dev.unifiedstorage.figures;

import org.jspecify.annotations.NullMarked;
