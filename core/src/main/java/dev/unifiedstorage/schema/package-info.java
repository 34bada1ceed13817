/**
 * What things may be: schemas compiled once into checks. Its own package because it is asked by
 * writes alone and knows nothing of a store.
 */
package dev.unifiedstorage.schema;
