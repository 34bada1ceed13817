/** Who is let in. */
@NullMarked
package dev.unifiedstorage.access;

import org.jspecify.annotations.NullMarked;
