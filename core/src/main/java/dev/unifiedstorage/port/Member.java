package dev.unifiedstorage.port;

import java.util.List;

/**
 * A member of a message that has a meaning to the protocol.
 *
 * <p>That these are few and known is worth a lot to a host: it can look under a name written into
 * its code in place of one that it is handed as text.
 */
public enum Member {
  /** Of a request: what its reply is known by. */
  ID("id"),
  /** Of a request: what it asks for, such as {@code create}. */
  TYPE("type"),
  /** Of a write: the fields. */
  DATA("data"),
  /** The id of a thing. */
  THING_ID("$id"),
  /** The type of a thing. */
  THING_TYPE("$type"),
  /** Of a read or a subscription: the ids of several things. */
  THING_IDS("$ids"),
  /** Of a write: the version that the thing has to have. */
  IF_VERSION("ifVersion"),
  /** Of a batch: what it consists of. */
  OPERATIONS("operations"),
  /** Of a batch: whether it is carried out whole or not at all. */
  ATOMIC("atomic"),
  /** Of a read or a query: the moment that is looked at. */
  AT("at"),
  /** Of a moment: the event that came last. */
  SEQ("seq"),
  /** Of an update: the fields that go. */
  UNSET("unset"),
  /** Of an update: the numbers that are added to fields. */
  INCREMENT("increment"),
  /** Of an update: the steps of a JSON patch, RFC 6902. */
  PATCH("patch"),
  /** Of a write: whether its reply has the thing. */
  RETURN("return"),
  /** Of a step of a patch: what it does. */
  OP("op"),
  /** Of a step of a patch: the place, as a JSON pointer. */
  PATH("path"),
  /** Of a step of a patch: the place that it takes from. */
  FROM("from"),
  /** Of a step of a patch: what is put there. */
  VALUE("value"),
  /** Of a write: after how many milliseconds the thing is absent. */
  EXPIRES_IN_MS("expiresInMs");

  /** What few requests have. */
  static final List<Member> RARE = List.of(UNSET, INCREMENT, PATCH, RETURN, EXPIRES_IN_MS);

  private final String key;

  Member(String key) {
    this.key = key;
  }

  /** Its name in the message. */
  public String key() {
    return key;
  }
}
