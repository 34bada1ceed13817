/** Who is let in. */
package dev.unifiedstorage.access;
