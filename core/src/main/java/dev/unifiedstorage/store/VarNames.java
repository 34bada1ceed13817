package dev.unifiedstorage.store;

import dev.unifiedstorage.access.AccessSettings;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The names of all variables, and what is said of one that is not among them. */
public final class VarNames {
  private VarNames() {}

  /** Every name, in the order of the reference; those about access come last. */
  public static List<String> all() {
    List<String> names = new ArrayList<>(UnifiedStoreConfig.VARS);
    names.addAll(AccessSettings.VARS);
    return names;
  }

  /** Why a name is refused, with the name that was probably meant; null when it is known. */
  public static @Nullable String problem(String name) {
    String nearest = nearest(name, all());
    return nearest.equals(name)
        ? null
        : "unknown variable "
            + name
            + ", the nearest is "
            + nearest
            + "; known are "
            + String.join(", ", all());
  }

  /** The name that was probably meant: the one that takes the fewest edits. */
  public static String nearest(String name, List<String> names) {
    String nearest = "";
    int least = Integer.MAX_VALUE;
    for (String known : names) {
      int edits = edits(name, known);
      if (edits < least) {
        least = edits;
        nearest = known;
      }
    }
    return nearest;
  }

  /** How many characters have to be put in, taken out or replaced to make one of the other. */
  private static int edits(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[to.length()];
  }
}
