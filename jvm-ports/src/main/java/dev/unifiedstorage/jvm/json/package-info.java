/**
 * The JSON port on the JVM: strict at the door, jsoniter behind it, {@code JSON.stringify} on the
 * way out.
 *
 * <p>A text is read in two passes over its UTF-8 bytes. {@link
 * dev.unifiedstorage.jvm.json.JsonGrammar} accepts exactly what {@code JSON.parse} accepts and
 * measures how deep it nests, without recursion; jsoniter, which is fast but lenient and recursive,
 * then reads a text that is known to be good. What comes out is {@link
 * dev.unifiedstorage.jvm.json.JsoniterObject}: a compact array of keys and values, because a store
 * holds millions of them. Writing gives the very characters that the Worker's host gives, so that
 * rows and records are the same on both targets.
 *
 * <p>Public API: every type.
 */
@NullMarked
package dev.unifiedstorage.jvm.json;

import org.jspecify.annotations.NullMarked;
