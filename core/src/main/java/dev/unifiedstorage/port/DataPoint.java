package dev.unifiedstorage.port;

import java.util.List;

/**
 * A row of figures for an analytics store that tells its columns by their places.
 *
 * @param index by which rows are sampled where there are too many, 96 bytes of UTF-8 at most
 * @param blobs texts, 20 and 16 KB together at most
 * @param doubles numbers, 20 at most
 */
public record DataPoint(String index, List<String> blobs, List<Double> doubles) {}
