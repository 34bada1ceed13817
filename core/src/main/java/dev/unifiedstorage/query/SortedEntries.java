package dev.unifiedstorage.query;

import java.util.Arrays;

/**
 * Entries in order, in pieces of a bounded size: finding halves, adding and removing moves what is
 * in one piece.
 *
 * <p>Places are only good until the next change.
 */
final class SortedEntries {
  private static final int PIECE = 512;

  private IndexEntry[][] pieces = new IndexEntry[4][];
  private int[] sizes = new int[4];
  private int count;
  private int size;

  /** A place between entries: before the {@code offset}th of a piece. */
  static final class Place {
    final int piece;
    final int offset;

    private Place(int piece, int offset) {
      this.piece = piece;
      this.offset = offset;
    }

    boolean isBefore(Place other) {
      return piece != other.piece ? piece < other.piece : offset < other.offset;
    }
  }

  int size() {
    return size;
  }

  Place first() {
    return new Place(0, 0);
  }

  Place end() {
    return new Place(count, 0);
  }

  /** The place before the first entry whose first keys are those or greater. */
  Place before(Object[] keys, int levels) {
    return find(keys, levels, 0);
  }

  /** The place behind the last entry whose first keys are those or less. */
  Place behind(Object[] keys, int levels) {
    return find(keys, levels, 1);
  }

  /** Behind every entry that compares as less than {@code least}. */
  private Place find(Object[] keys, int levels, int least) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (pieces[middle][sizes[middle] - 1].compareTo(keys, levels) < least) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == count) {
      return end();
    }
    int piece = low;
    IndexEntry[] entries = pieces[piece];
    low = 0;
    high = sizes[piece] - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (entries[middle].compareTo(keys, levels) < least) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return new Place(piece, low);
  }

  /** The entry behind a place, which is not the end. */
  IndexEntry at(Place place) {
    return pieces[place.piece][place.offset];
  }

  /** The place one entry further; the place is not the end. */
  Place next(Place place) {
    return place.offset + 1 < sizes[place.piece]
        ? new Place(place.piece, place.offset + 1)
        : new Place(place.piece + 1, 0);
  }

  /** The place one entry back; the place is not the first. */
  Place previous(Place place) {
    return place.offset > 0
        ? new Place(place.piece, place.offset - 1)
        : new Place(place.piece - 1, sizes[place.piece - 1] - 1);
  }

  void add(IndexEntry entry) {
    size++;
    if (count == 0) {
      pieces[0] = new IndexEntry[PIECE];
      pieces[0][0] = entry;
      sizes[0] = 1;
      count = 1;
      return;
    }
    Place place = find(entry.keys(), entry.keys().length, 0);
    int piece = place.piece;
    int offset = place.offset;
    if (piece == count) {
      piece--;
      offset = sizes[piece];
    }
    IndexEntry[] entries = pieces[piece];
    if (offset > 0) {
      entry.share(entries[offset - 1]);
    } else {
      entry.share(entries[0]);
    }
    if (sizes[piece] == PIECE) {
      // In the order of their keys they come one behind the other: then pieces stay full.
      int kept = offset == PIECE ? PIECE : PIECE / 2;
      split(piece, kept);
      if (offset >= kept) {
        piece++;
        offset -= kept;
        entries = pieces[piece];
      }
    }
    System.arraycopy(entries, offset, entries, offset + 1, sizes[piece] - offset);
    entries[offset] = entry;
    sizes[piece]++;
  }

  /** Makes room for a piece behind one, which gives it all but the first {@code kept}. */
  private void split(int piece, int kept) {
    if (count == pieces.length) {
      IndexEntry[][] morePieces = new IndexEntry[2 * count][];
      int[] moreSizes = new int[2 * count];
      System.arraycopy(pieces, 0, morePieces, 0, count);
      System.arraycopy(sizes, 0, moreSizes, 0, count);
      pieces = morePieces;
      sizes = moreSizes;
    }
    System.arraycopy(pieces, piece + 1, pieces, piece + 2, count - piece - 1);
    System.arraycopy(sizes, piece + 1, sizes, piece + 2, count - piece - 1);
    IndexEntry[] given = new IndexEntry[PIECE];
    System.arraycopy(pieces[piece], kept, given, 0, PIECE - kept);
    Arrays.fill(pieces[piece], kept, PIECE, null);
    pieces[piece + 1] = given;
    sizes[piece + 1] = PIECE - kept;
    sizes[piece] = kept;
    count++;
  }

  /** Removes the entry with these keys; they are all there are, so there is at most one. */
  void remove(IndexEntry entry) {
    Place place = find(entry.keys(), entry.keys().length, 0);
    if (place.piece == count || at(place).compareTo(entry.keys(), entry.keys().length) != 0) {
      throw new IllegalStateException("thing " + entry.id() + " is not in the index");
    }
    size--;
    int piece = place.piece;
    IndexEntry[] entries = pieces[piece];
    sizes[piece]--;
    System.arraycopy(entries, place.offset + 1, entries, place.offset, sizes[piece] - place.offset);
    entries[sizes[piece]] = null;
    if (sizes[piece] == 0) {
      count--;
      System.arraycopy(pieces, piece + 1, pieces, piece, count - piece);
      System.arraycopy(sizes, piece + 1, sizes, piece, count - piece);
      pieces[count] = null;
    }
  }
}
