package dev.unifiedstorage.protocol;

import dev.unifiedstorage.port.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an update does beside setting fields, in the order in which it is done.
 *
 * @param unset names of fields to take away
 * @param increment numbers by the names of the fields to which they are added, or null
 */
public record Edits(List<String> unset, @Nullable JsonObject increment, List<PatchStep> patch) {}
