/**
 * What things may be: schemas compiled once into checks. Its own package because it is asked by
 * writes alone and knows nothing of a store.
 *
 * <p>Internal: only the core itself uses its types.
 */
@NullMarked
package dev.unifiedstorage.schema;

import org.jspecify.annotations.NullMarked;
