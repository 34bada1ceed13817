/**
 * How the store serves its clients: how much they ask, what is refused, how long things take.
 *
 * <p>Counts are of one instance in memory and begin anew with the next, as Prometheus expects of a
 * process. They cost nothing but memory: no row, no alarm, no send.
 *
 * <p>Internal: what is published of them is in the stats and the metrics.
 */
@NullMarked
package dev.unifiedstorage.figures;

import org.jspecify.annotations.NullMarked;
