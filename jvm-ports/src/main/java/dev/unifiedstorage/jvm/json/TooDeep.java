package dev.unifiedstorage.jvm.json;

/**
 * A container nested deeper than anything the store accepts, kept as text.
 *
 * <p>Its {@code depth} is measured, so that a question how deep a message nests gets the truth and
 * can refuse it; it cannot be looked into.
 *
 * @param depth 1 for an array or object of scalars
 */
record TooDeep(boolean object, String text, int depth) {}
