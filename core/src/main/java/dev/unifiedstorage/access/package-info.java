/**
 * Who is let in.
 *
 * <p>Public API: {@link dev.unifiedstorage.access.VisitLimits}. Other types are public for the rest
 * of the core.
 */
@NullMarked
package dev.unifiedstorage.access;

import org.jspecify.annotations.NullMarked;
