package dev.unifiedstorage.simulation;

import dev.unifiedstorage.layout.CommitPoint;
import dev.unifiedstorage.layout.ThingLine;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonWriter;
import dev.unifiedstorage.session.Session;
import dev.unifiedstorage.state.Things;
import dev.unifiedstorage.state.Tombstone;
import dev.unifiedstorage.state.TypedCollection;
import dev.unifiedstorage.wal.Event;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bind.annotation.Argument;
import net.bytebuddy.implementation.bind.annotation.FieldValue;

/**
 * What a {@link Mutant} does in place of the right thing; public because other packages call it.
 */
public final class Sabotage {
  private Sabotage() {}

  /** In place of the tombstones. */
  public static final class Tombstones {
    private Tombstones() {}

    public static Collection<Tombstone> none() {
      return List.of();
    }
  }

  /** In place of the outbox. */
  public static final class Outbox {
    private Outbox() {}

    public static List<Event> empty() {
      return List.of();
    }
  }

  /** In place of the names of the fields that an update takes away. */
  public static final class Unset {
    private Unset() {}

    public static List<String> none() {
      return List.of();
    }
  }

  /** In place of a whole columnar row. */
  public static final class DirtyOnly {
    private DirtyOnly() {}

    public static String body(
        @Argument(0) TypedCollection collection, @FieldValue("json") Json json) {
      JsonWriter body = json.writer();
      collection.forEach(
          entry -> {
            if (entry.isDirty()) {
              body.raw(ThingLine.write(entry.thing(), json)).raw("\n");
            }
          });
      return body.text();
    }
  }

  /** After a checkpoint that failed. */
  static final class CleanAnyway {
    @Advice.OnMethodExit(onThrowable = Throwable.class)
    static void exit(@Advice.Thrown Throwable thrown, @Advice.FieldValue("state") Things state) {
      if (thrown instanceof RuntimeException) {
        state.checkpointed();
      }
    }
  }

  /** After a transaction that failed. */
  static final class SwallowFailure {
    @Advice.OnMethodExit(onThrowable = Throwable.class)
    static void exit(@Advice.Thrown(readOnly = false) Throwable thrown) {
      if (thrown instanceof RuntimeException) {
        thrown = null;
      }
    }
  }

  /** An idempotency key as the original had it: the clock alone tells two events apart. */
  static final class ClockKey {
    @Advice.OnMethodExit
    static void exit(@Advice.Return(readOnly = false) String key) {
      key = key.substring(0, key.lastIndexOf(':'));
    }
  }

  /** Everything is free. */
  static final class ReleaseAll {
    @SuppressWarnings("UnusedVariable") // What an advice sets is the method's.
    @Advice.OnMethodEnter
    static void enter(@Advice.Argument(value = 0, readOnly = false) double upToSeq) {
      upToSeq = Double.MAX_VALUE;
    }
  }

  /** A claim as if the rows had everything. */
  static final class ClaimAll {
    @Advice.OnMethodEnter
    static void enter(
        @Advice.FieldValue("applied") double applied,
        @Advice.FieldValue(value = "recorded", readOnly = false) CommitPoint recorded) {
      recorded =
          new CommitPoint(
              recorded.life(),
              recorded.checkpointEpoch(),
              applied,
              recorded.checkpointMs(),
              recorded.acceptedSeq(),
              recorded.open(),
              recorded.recovering());
    }
  }

  /** A life counts to its end, wherever the next one went on. */
  static final class Endless {
    @SuppressWarnings("UnusedVariable") // What an advice sets is the method's.
    @Advice.OnMethodEnter
    static void enter(@Advice.Argument(value = 1, readOnly = false) double until) {
      until = Double.POSITIVE_INFINITY;
    }
  }

  /** A number that comes too early is the next one. */
  static final class NoOrder {
    @Advice.OnMethodExit
    static void exit(@Advice.Return Session session, @Advice.Argument(2) double n) {
      if (session != null) {
        session.carriedOutUpTo(n - 1);
      }
    }
  }

  /** What came last goes first. */
  static final class Reverse {
    @Advice.OnMethodEnter
    static void enter(@Advice.FieldValue("requests") List<Runnable> requests) {
      Collections.reverse(requests);
    }
  }

  /** Everything has settled. */
  static final class Settled {
    @SuppressWarnings("UnusedVariable") // What an advice sets is the object's.
    @Advice.OnMethodEnter
    static void enter(@Advice.FieldValue(value = "settled", readOnly = false) boolean settled) {
      settled = true;
    }
  }
}
