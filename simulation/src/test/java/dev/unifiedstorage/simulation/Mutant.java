package dev.unifiedstorage.simulation;

import static net.bytebuddy.matcher.ElementMatchers.nameContains;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;

import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.JsonWriter;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.asm.MemberSubstitution;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.implementation.FixedValue;
import net.bytebuddy.implementation.MethodCall;
import net.bytebuddy.implementation.MethodDelegation;
import net.bytebuddy.implementation.StubMethod;

/**
 * A mistake in the core, made in its byte code: the worlds have to notice each of them.
 *
 * <p>The core itself knows nothing of this. A mutant is loaded beside it by a {@link MutantLoader}.
 */
enum Mutant {
  REPLIES_DO_NOT_WAIT(
      "wal.ReplyGate",
      type ->
          type.method(named("send"))
              .intercept(
                  MethodCall.invoke(method(Connection.class, "send", JsonWriter.class))
                      .onArgument(0)
                      .withArgument(2))),
  ACK_BEFORE_DURABLE(
      "wal.ReplyGate",
      type -> type.visit(Advice.to(Sabotage.ReleaseAll.class).on(named("release")))),
  READS_SHOW_THE_UNDURABLE("store.Operations", skip("seq", "read")),
  CONFLICTS_SHOW_THE_UNDURABLE("store.Operations", skip("seq", "conflict")),
  ABSENCE_SHOWS_THE_UNDURABLE("store.Operations", constant("seqOfAbsence", 0.0)),
  DELETIONS_ARE_NOT_PERSISTED(
      "state.Things",
      type ->
          type.method(named("tombstones"))
              .intercept(MethodDelegation.to(Sabotage.Tombstones.class))),
  UNDO_DOES_NOTHING("state.Things", empty("takeBack")),
  UNCLAIMED_LIVES_FORGET_WHAT_WAS_UNDONE(
      "wal.Claim$Writing",
      type ->
          type.visit(
              MemberSubstitution.relaxed()
                  .field(named("followsUndone"))
                  .onRead()
                  .stub()
                  .on(named("undone")))),
  BATCHES_ARE_NOT_ROLLED_BACK("store.Unit", skip("undo", "rollback")),
  IF_VERSION_IS_IGNORED("protocol.Operation$Update", constant("ifVersion", 0.0)),
  BRANCHES_COUNT("past.Path", constant("has", true)),
  FUTURES_OF_FILES_COUNT(
      "past.Path", type -> type.visit(Advice.to(Sabotage.Endless.class).on(named("add")))),
  OLD_EPOCHS_DO_NOT_END("past.Path", reading("until", "past.Path$Span", "last", "has")),
  REPLACED_FILES_GO_UNNOTICED("layout.Tables", empty("requireUnchanged")),
  NEWEST_IS_THE_HIGHEST_EPOCH("past.Fences", skip("claimMs", "isNewer")),
  DELETED_STORES_COME_BACK("past.Fences$Fence", constant("emptying", false)),
  DELETIONS_ARE_ANSWERED_TOO_SOON("store.StoreDeletion", skip("hasUndelivered", "turn")),
  RESTORES_BRING_NOTHING_BACK("store.StoreRestore$Run", empty("bringBack")),
  RESTORES_KEEP_WHAT_WAS_DELETED("store.ThingsThen", skip("remove", "take")),
  RECOVERIES_DO_NOT_WAIT_FOR_THEIR_PROBE("recovery.ArchiveReplay", constant("isProbed", true)),
  ARCHIVE_IS_NOT_GIVEN_TIME(
      "recovery.ArchiveReplay",
      type -> type.visit(Advice.to(Sabotage.Settled.class).on(named("isComplete")))),
  RECOVERIES_TRUST_EVERY_CLOCK("recovery.ArchiveReplay", constant("isTooNarrow", false)),
  PACKED_ROWS_ARE_CUT_AT_THE_CHECKPOINT(
      "past.UnpackedArchive",
      type -> type.method(named("widened")).intercept(FixedValue.argument(0))),
  PACKED_EVENTS_LOSE_WHAT_THEY_SAY_BESIDE("wal.PackedEvents", skip("writeLineExtras", "write")),
  OPEN_LIVES_COUNT_AS_CLOSED("layout.CommitPoint", constant("open", false)),
  REPLAY_PASSES_OVER_DELETIONS("past.Replay", empty("delete")),
  CLAIM_SAYS_TOO_MUCH(
      "wal.Seqs", type -> type.visit(Advice.to(Sabotage.ClaimAll.class).on(named("claimPoint")))),
  CHECKPOINT_SAYS_ALL_IS_ACCEPTED(
      "wal.Seqs", reading("accepted", "wal.Seqs", "applied", "checkpointPoint")),
  OUTBOX_IS_NOT_PERSISTED(
      "wal.Delivery",
      type -> type.method(named("unlogged")).intercept(MethodDelegation.to(Sabotage.Outbox.class))),
  FENCES_ARE_LEFT_OUT("wal.Claim$Writing", constant("unsentFence", Optional.empty())),
  LIVES_OF_THE_FILE_ARE_WRITTEN_IN("wal.Seqs", keeping("life", "begin")),
  KEYS_HAVE_THE_CLOCK_ALONE(
      "port.RecordObjects",
      type -> type.visit(Advice.to(Sabotage.ClockKey.class).on(named("idempotencyKey")))),
  PAST_THE_LIMIT_THE_PIPELINE_IS_ENOUGH("wal.WriteAheadLog", skip("beginOutage", "archiveLags")),
  HOLES_GO_UNNOTICED("past.ArchiveWatch", constant("isSettled", true)),
  LATE_EVENTS_ARE_HOLES(
      "past.ArchiveWatch", reading("gapAtMs", "past.ArchiveWatch", "sinceMs", "isSettled")),
  HOLES_ARE_NOT_HEALED("store.Snapshots", empty("heal")),
  SNAPSHOTS_LOSE_WHAT_CHANGES("state.Walk", skip("keep", "changes")),
  SNAPSHOTS_BEGIN_AT_ANY_MOMENT("store.Snapshots", constant("canBegin", true)),
  SNAPSHOTS_OFF_THE_PATH_COUNT("snapshot.SnapshotHead", constant("isOnPath", true)),
  SNAPSHOTS_WITHOUT_ALL_PARTS_COUNT("snapshot.SnapshotChoice", constant("isWhole", true)),
  SNAPSHOTS_FORGET_SESSIONS("snapshot.SnapshotPart", empty("addSessions")),
  SNAPSHOTS_DO_NOT_SAY_WHOSE_THEY_ARE(
      "past.Fences",
      type ->
          type.method(
                  named("notice")
                      .and(takesArgument(0, named("dev.unifiedstorage.snapshot.SnapshotHead"))))
              .intercept(StubMethod.INSTANCE)),
  LOG_ROWS_ARE_FREED_TOO_SOON(
      "wal.EventLog",
      type -> type.visit(Advice.to(Sabotage.ReleaseAll.class).on(named("release")))),
  REFUSED_SENDS_COUNT_AS_ACCEPTED(
      "wal.Sender$Attempt",
      type -> type.method(named("failed")).intercept(MethodCall.invoke(named("succeeded")))),
  THE_PAST_BEGINS_WITH_WHAT_IS_FOUND("past.HistoryLook", constant("isEnough", true)),
  THE_WINDOW_BEHIND_A_SEND_STAYS_OPEN("wal.SendWindow", empty("passed")),
  ABANDONED_EVENTS_STAY_QUEUED("wal.Sender", empty("abandonAfter")),
  REFUSALS_GET_LOST("wal.ReplyGate", skip("release", "refuseAll")),
  SLOTS_ARE_GIVEN_TWICE("layout.Slots", constant("take", 1)),
  REFUSED_TRANSACTIONS_PASS(
      "layout.Tables",
      type -> type.visit(Advice.to(Sabotage.SwallowFailure.class).on(named("transaction")))),
  CLEAN_BEFORE_THE_COMMIT(
      "checkpoint.CheckpointWriter",
      type -> type.visit(Advice.to(Sabotage.CleanAnyway.class).on(named("write")))),
  COLUMNAR_ROW_HAS_THE_DIRTY_ONLY(
      "checkpoint.CheckpointPlan",
      type ->
          type.method(named("columnarBody"))
              .intercept(MethodDelegation.to(Sabotage.DirtyOnly.class))),
  OLD_LAYOUT_STAYS("checkpoint.CheckpointPlan", empty("leave")),
  PACKED_DELETIONS_ARE_FORGOTTEN("checkpoint.PackedRows", empty("addDeletion")),
  FLOOR_PASSES_THE_LIVING(
      "checkpoint.PackedSegments",
      type -> type.method(named("nextFloor")).intercept(FixedValue.argument(0))),
  DELETED_THINGS_ARE_READ_BACK("checkpoint.ThingFinder", skip("tombstone", "find")),
  TIMER_OUTLIVES_ITS_REASON("checkpoint.Checkpoints", empty("disarm")),
  CHECKPOINTS_ARE_NOT_DUE("checkpoint.Checkpoints", empty("armIfDirty")),
  ALARM_IS_NEVER_SET("checkpoint.Checkpoints", empty("armAlarm")),
  EXPIRED_THINGS_ARE_FOUND("store.Operations", constant("isExpired", false)),
  EXPIRED_THINGS_STAY("store.Expirer", empty("expire")),
  EXPIRY_HAS_NO_ALARM("checkpoint.Alarm", empty("wantExpiry")),
  EXPIRED_THINGS_ARE_COUNTED("checkpoint.ThingFinder", constant("countExpired", 0)),
  QUERIES_SHOW_WHAT_HAS_EXPIRED("state.Thing", constant("isExpired", false)),
  EXPIRY_IS_NOT_UNDONE("state.Things", skip("expires", "takeBack")),
  CREATES_JOIN_WHAT_HAS_EXPIRED("store.Operations", skip("expire", "create")),
  REPLAY_FORGETS_EXPIRY(
      "wal.Event", type -> type.method(named("expiresAtMs")).intercept(FixedValue.argument(0))),
  ROWS_FORGET_EXPIRY("layout.Lines", constant("expiresAtMs", 0.0)),
  UNSET_FIELDS_STAY("store.Draft", skip("removeAll", "apply")),
  EVENTS_DO_NOT_SAY_WHAT_WENT(
      "state.Fields",
      type -> type.method(named("unset")).intercept(MethodDelegation.to(Sabotage.Unset.class))),
  REPLAY_KEEPS_WHAT_WENT(
      "wal.Event",
      type -> type.method(named("unset")).intercept(MethodDelegation.to(Sabotage.Unset.class))),
  INCREMENTS_FORGET_WHAT_THERE_WAS("store.Draft", skip("number", "increment")),
  PATCHES_ARE_NOT_DONE("store.Draft", empty("patch")),
  TESTS_OF_PATCHES_ALWAYS_HOLD("store.PatchedFields", empty("test")),
  MOVED_VALUES_STAY("store.PatchedFields", skip("remove", "move")),
  PATCHED_FIELDS_ARE_NOT_IN_THE_EVENT("store.PatchedFields", skip("add", "edit")),
  PUTS_KEEP_OLD_FIELDS("store.Draft", skip("add", "replacement")),
  PUTS_MEET_ANY_VERSION("protocol.Operation$Put", constant("ifVersion", -1.0)),
  CHECKS_HOLD_FOR_ANY_THING("store.Operations", skip("version", "check")),
  CHECKS_SHOW_THE_UNDURABLE("store.Operations", skip("seq", "check")),
  RETURNED_THINGS_DO_NOT_WAIT("protocol.Outcome$Returned", constant("seq", 0.0)),
  RETURNED_THINGS_HAVE_NO_BOUND("store.Unit", constant("hasRoomToReturn", true)),
  REPLIES_OVERTAKE_THOSE_TO_A_FRAME("wal.ReplyGate", skip("sendGathered", "release")),
  FRAMES_ARE_CUT("store.FrameReplies", skip("gathers", "gather")),
  PAST_IS_THE_PRESENT("past.PastReader$Look", constant("isBefore", true)),
  PAST_PASSES_OVER_GAPS("past.Path", skip("firstGap", "reachWithoutGap")),
  QUERIES_SHOW_THE_UNDURABLE("past.Moments", constant("shownSeq", 0.0)),
  POSITIONS_ARE_ALL_THE_SAME("past.Moments", constant("now", "1-1")),
  INDEXES_MISS_CHANGES("query.TypeIndexes", empty("changed")),
  INDEXES_MISS_UNDOS("state.Things", skip("tell", "takeBack")),
  INDEXES_OUTLIVE_THEIR_STATE("query.TypeIndexes", empty("cleared")),
  INDEXES_LEAVE_THE_EVICTED_OUT("checkpoint.ThingFinder", constant("rowsAfter", List.of())),
  SCANS_LEAVE_THE_EVICTED_OUT("checkpoint.ThingFinder", empty("forEachEvicted")),
  SCANS_FIND_WHAT_IS_DELETED("checkpoint.ThingFinder", constant("isEvicted", true)),
  EVICTED_THINGS_ARE_ABSENT("checkpoint.ThingFinder", skip("evictedEntry", "find")),
  SCANS_LEAVE_PACKED_ROWS_OUT("checkpoint.PackedPass", empty("gather")),
  PLACES_STAY_WHEN_LINES_ARE_CARRIED("state.Things", empty("carried")),
  TEXTS_OUTLIVE_THEIR_ROWS("checkpoint.RowTexts$Read", constant("isOf", true)),
  CURSORS_ARE_FORGOTTEN("query.PageBuilder", constant("isBehindCursor", true)),
  ORDERS_ONLY_GO_UP("query.Order", constant("descending", false)),
  TYPES_HAVE_NO_ORDER("query.OrderKey", skip("rank", "compare")),
  PAST_QUERIES_ARE_OF_THE_PRESENT("store.PastQueries", constant("isPresent", true)),
  SCHEMAS_CHECK_CREATIONS_ONLY("store.Operations", skip("misfit", "change")),
  QUOTAS_ARE_NOT_ASKED("store.Operations", skip("refusal", "create")),
  EXPIRED_THINGS_COUNT("store.Quotas", constant("isAtMaxThings", false)),
  QUOTAS_ARE_NOT_ASKED_OF_CHANGES("store.Operations", skip("refusal", "change")),
  QUOTAS_FORGET_WHAT_THERE_IS("state.Things", constant("estimatedBytes", 0.0)),
  QUOTAS_COUNT_WHAT_IS_REPLACED("state.Fields", constant("replacedChars", 0)),
  QUOTAS_COUNT_WHAT_IS_DELETED("state.Things", keeping("bytes", "leaveMemory")),
  FORKS_ARE_SENT_BEFORE_THEY_ARE_LOGGED("checkpoint.Committer", constant("log", true)),
  FORKS_ARE_NOT_COMMITTED("store.ForkReceiver", skip("commit", "become")),
  FORKS_WRITE_OVER_WHAT_THERE_IS("store.ForkReceiver", skip("size", "")),
  FORKS_OF_THE_PAST_ARE_OF_THE_PRESENT("store.StoreFork", skip("moment", "fork")),
  FORKS_DO_NOT_HEAR_REFUSALS("store.StoreFork$Pipe", empty("stop")),
  FORKS_SHOW_THE_UNDURABLE("store.Exports", empty("keepPending")),
  SUBSCRIBERS_ARE_TOLD_WHAT_WAS_UNDONE("feed.Feed", empty("undone")),
  SUBSCRIBERS_MISS_WHAT_CHANGES_BEFORE_THEY_BEGIN("feed.Teller", empty("noteBeforeStart")),
  SUBSCRIBERS_MISS_WHAT_IS_IN_ROWS("state.TypedCollection", empty("forEachInRowsBehind")),
  SUBSCRIBERS_MISS_WHAT_HAS_ITS_OWN_ROW("state.TypedCollection", constant("lastSeqInRows", 0.0)),
  REPLAYS_ARE_CARRIED_OUT_AGAIN(
      "store.SessionHandler", type -> type.method(named("again")).intercept(carryingOut())),
  NUMBERS_HAVE_NO_ORDER(
      "store.SessionHandler",
      type -> type.visit(Advice.to(Sabotage.NoOrder.class).on(named("session")))),
  NUMBERS_ARE_USED_UP_BY_WHAT_PASSES("store.NumberedWrite", constant("isPassing", false)),
  OUTCOMES_OUTLIVE_THEIR_WRITES("session.Sessions", empty("undone")),
  OUTCOMES_DO_NOT_WAIT("store.SessionHandler", skip("seq", "again")),
  OUTCOMES_ARE_FORGOTTEN_AT_A_START("session.Sessions", empty("load")),
  REPLAY_FORGETS_SESSIONS("past.Replay", empty("remember")),
  ARCHIVED_EVENTS_HAVE_NO_SESSION("wal.Event", skip("inSession", "archived")),
  SESSIONS_OUTLIVE_THEIR_STORE("checkpoint.Committer", skip("forgetAll", "empty")),
  ANSWERED_NUMBERS_ARE_EXPECTED("session.Session", empty("answeredBelow")),
  SOCKETS_FORGET_THEIR_SESSION("store.SessionHandler", empty("socketsAtStart")),
  SOCKETS_REMEMBER_WHAT_WAS_UNDONE("store.SessionHandler", empty("attachLess")),
  REBUILDS_KEEP_THEIR_FENCE("checkpoint.Committer", skip("offerFence", "beginRebuild")),
  NUMBERED_WRITES_LEAVE_IN_PARTS(
      "store.Unit",
      type ->
          type.visit(
              MemberSubstitution.relaxed()
                  .field(named("numbered"))
                  .onRead()
                  .stub()
                  .on(named("joined")))),
  SOCKETS_REMEMBER_WHAT_WAS_DELETED("store.SessionHandler", empty("attachNothing")),
  SOCKETS_FORGET_REFUSALS("store.SessionHandler", empty("settle")),
  EARLY_REQUESTS_GET_LOST("store.StartQueue", skip("forEach", "release")),
  EARLY_REQUESTS_HAVE_NO_BOUND("store.StartQueue", skip("size", "offer")),
  EARLY_REQUESTS_WAIT_FOR_EVER("store.StartQueue", empty("holdFor")),
  EARLY_REQUESTS_LOSE_THEIR_ORDER(
      "store.StartQueue",
      type -> type.visit(Advice.to(Sabotage.Reverse.class).on(named("release"))));

  final String className;
  final UnaryOperator<DynamicType.Builder<?>> change;

  Mutant(String name, UnaryOperator<DynamicType.Builder<?>> change) {
    this.className = "dev.unifiedstorage." + name;
    this.change = change;
  }

  /** A method that does nothing. */
  private static UnaryOperator<DynamicType.Builder<?>> empty(String method) {
    return type -> type.method(named(method)).intercept(StubMethod.INSTANCE);
  }

  private static UnaryOperator<DynamicType.Builder<?>> constant(String method, Object value) {
    return type -> type.method(named(method)).intercept(FixedValue.value(value));
  }

  /** Calls within a method that do not happen, or give null or 0. */
  private static UnaryOperator<DynamicType.Builder<?>> skip(String callee, String within) {
    return type ->
        type.visit(
            MemberSubstitution.relaxed().method(named(callee)).stub().on(nameContains(within)));
  }

  /** A field that a method reads another one in place of. */
  private static UnaryOperator<DynamicType.Builder<?>> reading(
      String field, String owner, String other, String within) {
    return type -> {
      try {
        return type.visit(
            MemberSubstitution.relaxed()
                .field(named(field))
                .onRead()
                .replaceWith(Class.forName("dev.unifiedstorage." + owner).getDeclaredField(other))
                .on(named(within)));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    };
  }

  /** A field that a method does not change. */
  private static UnaryOperator<DynamicType.Builder<?>> keeping(String field, String within) {
    return type ->
        type.visit(
            MemberSubstitution.relaxed().field(named(field)).onWrite().stub().on(named(within)));
  }

  /** What a session's write is given to, as one outside of sessions. */
  private static MethodCall carryingOut() {
    try {
      for (Method method :
          Class.forName("dev.unifiedstorage.store.RequestHandler").getDeclaredMethods()) {
        if (method.getName().equals("handle")) {
          return MethodCall.invoke(method)
              .onField("handler")
              .withArgument(0, 1, 4)
              .with((Object) null);
        }
      }
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
    throw new IllegalStateException("no method handles a request");
  }

  private static Method method(Class<?> owner, String name, Class<?>... parameters) {
    try {
      return owner.getMethod(name, parameters);
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(e);
    }
  }
}
