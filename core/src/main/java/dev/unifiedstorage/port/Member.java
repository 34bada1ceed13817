package dev.unifiedstorage.port;

import java.util.List;

/**
 * A member of a message that has a meaning to the protocol.
 *
 * <p>That these are few and known is worth a lot to a host: it can look under a name written into
 * its code in place of one that it is handed as text.
 */
public enum Member {
  ID("id"),
  TYPE("type"),
  DATA("data"),
  THING_ID("$id"),
  THING_TYPE("$type"),
  THING_IDS("$ids"),
  IF_VERSION("ifVersion"),
  OPERATIONS("operations"),
  ATOMIC("atomic"),
  AT("at"),
  SEQ("seq"),
  UNSET("unset"),
  INCREMENT("increment"),
  PATCH("patch"),
  RETURN("return"),
  OP("op"),
  PATH("path"),
  FROM("from"),
  VALUE("value"),
  EXPIRES_IN_MS("expiresInMs");

  /** What few requests have. */
  static final List<Member> RARE = List.of(UNSET, INCREMENT, PATCH, RETURN, EXPIRES_IN_MS);

  private final String key;

  Member(String key) {
    this.key = key;
  }

  public String key() {
    return key;
  }
}
