/**
 * What the store wrote, what that costs, and what one row a write would have cost.
 *
 * <p>Rows are counted by the platform's rule; prices stand in one dated sheet.
 *
 * <p>Public API: every type.
 */
@NullMarked
package dev.unifiedstorage.cost;

import org.jspecify.annotations.NullMarked;
