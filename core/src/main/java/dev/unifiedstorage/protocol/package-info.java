/**
 * What goes over the wire: routes, requests, replies and error codes.
 *
 * <p>A request is checked here, whole, before anything is applied, so that the rest of the core
 * only meets valid ones.
 *
 * <p>Internal: only the core itself uses its types.
 */
@NullMarked
package dev.unifiedstorage.protocol;

import org.jspecify.annotations.NullMarked;
