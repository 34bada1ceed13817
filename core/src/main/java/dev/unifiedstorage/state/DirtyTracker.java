package dev.unifiedstorage.state;

import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whatever knows which things SQLite does not have yet: a state of one's own, seen by a
 * checkpointer.
 *
 * <p>The checkpointer asks for the dirty ids, then for each of the things, writes all of them in
 * one transaction, and says that they are clean. Nothing else may happen to the state in between,
 * which holds where one thread calls everything.
 */
public interface DirtyTracker {
  /** The ids of what was created, changed or deleted since it was last clean. */
  Set<String> getDirtyEntries();

  /** The thing as it is now; null when it was deleted. */
  @Nullable Thing get(String id);

  /** Says that SQLite has these now, deletions included. */
  void markClean(Collection<String> ids);

  /** How many ids {@link #getDirtyEntries} would have. */
  default int getDirtyCount() {
    return getDirtyEntries().size();
  }

  /** How large the dirty things are, about, in bytes of JSON; 0 when that is not known. */
  default double getDirtyBytes() {
    double bytes = 0;
    for (String id : getDirtyEntries()) {
      Thing thing = get(id);
      bytes += thing == null ? 0 : thing.bytes();
    }
    return bytes;
  }
}
