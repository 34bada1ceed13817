package dev.unifiedstorage.layout;

/**
 * Who writes a database, as its commit records say.
 *
 * @param namespace "" in records from before they said so
 * @param writer what identifies the object; "" where nothing does, and in records from before
 * @param holder drawn by the instance that wrote the record, so that no two instances write the
 *     same; 0 in records from before
 */
public record Owner(String namespace, String writer, double holder) {
  /** Of a database that does not say. */
  public static final Owner UNKNOWN = new Owner("", "", 0);
}
