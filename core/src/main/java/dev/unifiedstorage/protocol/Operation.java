package dev.unifiedstorage.protocol;

import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.query.Filter;
import dev.unifiedstorage.query.Query;
import dev.unifiedstorage.wal.Moment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a request asks for, checked: every field of these is within its limits. */
public sealed interface Operation {
  /** For data whose share of its message is unknown: operations of a batch may be uneven. */
  int UNMEASURED = 0;

  /** For a write that says nothing of the version it must meet. */
  double ANY_VERSION = -1;

  /** For a write that makes a thing which stays, or an update after which it does. */
  double NEVER_EXPIRES = 0;

  /** For an update that leaves it as it is when the thing expires. */
  double KEEP_EXPIRY = -1;

  /** How many events it may make, those of things that have expired aside. */
  default int writes() {
    return 0;
  }

  /** The type of things that an operation names, or null. */
  static @Nullable String thingType(Operation operation) {
    if (operation instanceof Create create) {
      return create.type();
    } else if (operation instanceof Put put) {
      return put.type();
    } else if (operation instanceof Ask ask) {
      return ask.query().type();
    }
    return operation instanceof Subscribe subscribe ? subscribe.type() : null;
  }

  /** The subscription that an operation begins or ends, or null. */
  static @Nullable String sub(Operation operation) {
    if (operation instanceof Subscribe subscribe) {
      return subscribe.sub();
    }
    return operation instanceof Unsubscribe unsubscribe ? unsubscribe.sub() : null;
  }

  /**
   * Makes a thing.
   *
   * @param id null when the store makes one
   * @param data the thing's own fields, no system fields among them
   * @param expiresInMs how long it lives, or {@link #NEVER_EXPIRES}
   * @param returns whether the reply shows the thing
   * @param bytes an upper estimate of the data's length as text, or {@link #UNMEASURED}
   */
  record Create(
      String type,
      @Nullable String id,
      JsonObject data,
      double expiresInMs,
      boolean returns,
      int bytes)
      implements Operation {
    @Override
    public int writes() {
      return 1;
    }
  }

  /**
   * Makes a thing, or puts other fields in the place of those it has.
   *
   * @param data all own fields that the thing has afterwards, no system fields among them
   * @param ifVersion the version it must meet, 0 for none to be there, {@link #ANY_VERSION}
   * @param expiresInMs how long it lives, or {@link #NEVER_EXPIRES}
   * @param returns whether the reply shows the thing
   * @param bytes an upper estimate of the data's length as text, or {@link #UNMEASURED}
   */
  record Put(
      String type,
      String id,
      JsonObject data,
      double ifVersion,
      double expiresInMs,
      boolean returns,
      int bytes)
      implements Operation {
    /** The same with other data. */
    public Put with(JsonObject other) {
      return new Put(type, id, other, ifVersion, expiresInMs, returns, bytes);
    }

    @Override
    public int writes() {
      return 1;
    }
  }

  /**
   * A condition on a thing, which it does not change.
   *
   * @param ifVersion the version it must have, 0 for none to be there
   */
  record Check(String id, double ifVersion) implements Operation {}

  record Read(List<String> ids) implements Operation {}

  /** A read of what things were. */
  record ReadPast(List<String> ids, Moment moment) implements Operation {}

  /**
   * A page of things, or how many there are.
   *
   * @param moment null for what is now
   */
  record Ask(Query query, @Nullable Moment moment) implements Operation {}

  /**
   * Follows things.
   *
   * @param type null when it goes by ids
   * @param ids null when it goes by type; none is there twice
   * @param since the at of a message of which the client goes on, or null
   * @param definition all but that as the text of a JSON object
   */
  record Subscribe(
      String sub,
      @Nullable String type,
      @Nullable List<String> ids,
      Filter filter,
      @Nullable String since,
      String definition)
      implements Operation {
    /** Whether it follows less than all things of a type. */
    public boolean hasWhere() {
      return filter != Filter.NONE;
    }
  }

  /** Follows no more. */
  record Unsubscribe(String sub) implements Operation {}

  /**
   * Changes a thing.
   *
   * @param data the fields to set, no system fields among them; null for none
   * @param edits what else it does to fields, null for nothing
   * @param expiresInMs how long it lives from now on, {@link #NEVER_EXPIRES} or {@link
   *     #KEEP_EXPIRY}
   * @param ifVersion the version it must meet, {@link #ANY_VERSION}
   * @param returns whether the reply shows the thing
   * @param bytes an upper estimate of the data's length as text, or {@link #UNMEASURED}
   */
  record Update(
      String id,
      @Nullable JsonObject data,
      @Nullable Edits edits,
      double expiresInMs,
      double ifVersion,
      boolean returns,
      int bytes)
      implements Operation {
    @Override
    public int writes() {
      return 1;
    }
  }

  /**
   * Removes a thing.
   *
   * @param ifVersion the version it must meet, {@link #ANY_VERSION}
   */
  record Delete(String id, double ifVersion) implements Operation {
    @Override
    public int writes() {
      return 1;
    }
  }

  record Batch(List<Operation> operations, int writes, boolean atomic) implements Operation {}

  /**
   * Binds the socket to a session.
   *
   * @param next the client has the answers to all numbers below
   */
  record Hello(String session, double next) implements Operation {}

  record Ping() implements Operation {}

  /** Another token for the socket that it comes on, or the first one. */
  record Auth(String token) implements Operation {}

  /**
   * A write that the application has a say in before it is read: as the client sent it.
   *
   * @param bytes an upper estimate of its length as text, or {@link #UNMEASURED}
   */
  record Unjudged(JsonObject source, int bytes) implements Operation {
    @Override
    public int writes() {
      return 1;
    }
  }

  /** What came in the place of a request or of a batch's operation, and cannot be carried out. */
  record Malformed(Refusal refusal) implements Operation {}
}
