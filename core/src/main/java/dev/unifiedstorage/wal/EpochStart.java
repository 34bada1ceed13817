package dev.unifiedstorage.wal;

/** Where an epoch begins: records of older ones with this seq or a later one are void. */
public record EpochStart(double epoch, double firstSeq) {}
