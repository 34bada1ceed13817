package dev.unifiedstorage.feed;

import dev.unifiedstorage.state.Thing;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One in the same process who follows things; it is told of what is durable, and of that alone. */
public interface FeedListener {
  /**
   * What a thing is now.
   *
   * @param thing null when it is gone, or is no longer among those that are followed
   */
  record Changed(String id, @Nullable Thing thing) {}

  /**
   * Some things have changed, or are there from the beginning.
   *
   * @param at the moment that is whole once nothing more comes for it
   * @param more whether the rest follows
   */
  void changed(List<Changed> changes, String at, boolean more);

  /** The state was made anew: what was told counts no more, and everything follows again. */
  void restarted();

  /** Nothing more comes, because a thing could not be read. */
  void failed(String error);
}
