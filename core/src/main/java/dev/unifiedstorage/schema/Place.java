package dev.unifiedstorage.schema;

/** A place in a document as a JSON pointer, RFC 6901. */
final class Place {
  private Place() {}

  /** The place of a member or an element of what is at {@code place}. */
  static String inside(String place, String token) {
    return place + "/" + token.replace("~", "~0").replace("/", "~1");
  }
}
