package dev.unifiedstorage.wal;

import dev.unifiedstorage.port.Clock;
import dev.unifiedstorage.port.Json;

/** What every event of one store has in common, and what it takes to print one. */
public record Origin(String namespace, Clock clock, Json json) {}
