package dev.unifiedstorage.store;

import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.session.Session;
import dev.unifiedstorage.session.Sessions;
import org.jspecify.annotations.Nullable;

/** One write of a session while it is carried out: it ends as carried out, or as not used up. */
final class NumberedWrite {
  /** How long a reply is up to its id, when that is one digit: what is kept begins behind it. */
  private static final int CHARS_OF_ID = "{\"id\":0".length();

  private final Sessions sessions;
  private final Session session;
  private final String key;
  private final double n;
  private final double nowMs;

  NumberedWrite(Sessions sessions, Session session, String key, double n, double nowMs) {
    this.sessions = sessions;
    this.session = session;
    this.key = key;
    this.n = n;
    this.nowMs = nowMs;
  }

  /** What the client calls its session. */
  String session() {
    return Sessions.name(key);
  }

  /** Who owns the session, null where sessions have no owners. */
  @Nullable String owner() {
    return Sessions.owner(key);
  }

  double n() {
    return n;
  }

  /**
   * It was carried out, or refused for good.
   *
   * @param reply the reply to it, with the id 0 and without things
   * @param changed whether it has events
   * @param seq the last event that the reply shows
   */
  void carriedOut(String reply, boolean changed, double seq) {
    sessions.carriedOut(session, n, reply.substring(CHARS_OF_ID), changed, seq, nowMs);
  }

  /** Whether a refusal does not use the number up: the client sends it again. */
  static boolean isPassing(ErrorCode code) {
    return switch (code) {
      case OVERLOADED, RECOVERING, UNAVAILABLE, RATE_LIMITED -> true;
      default -> false;
    };
  }

  void notUsedUp(ErrorCode code) {
    sessions.blocked(key, n, code.name());
  }
}
