package dev.unifiedstorage.schema;

/**
 * Why a thing does not fit its schema.
 *
 * @param first the first error as a sentence, its place before it
 * @param errors a JSON array with {@code path}, {@code keyword} and {@code message} of each
 */
public record Misfit(String first, String errors) {}
