/**
 * Asking: which things of a type match, in which order, a page at a time.
 *
 * <p>A request's {@code where} is compiled once into a tree of {@link
 * dev.unifiedstorage.query.Filter}s. {@link dev.unifiedstorage.query.QueryEngine} walks an index
 * that fits, or all things of the type, and never changes anything. Indexes live in memory alone:
 * they are built when first asked for and listen to the state from then on.
 *
 * <p>Internal: only the core itself uses its types; {@link dev.unifiedstorage.query.Mismatch} is
 * used by the targets too, so that their errors have the same form.
 */
@NullMarked
package dev.unifiedstorage.query;

import org.jspecify.annotations.NullMarked;
