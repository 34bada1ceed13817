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

  /** Adds an entry that belongs behind all others; then pieces are full. */
  void append(IndexEntry entry) {
    if (count == 0 || sizes[count - 1] == PIECE) {
      addPiece(count);
    }
    pieces[count - 1][sizes[count - 1]++] = entry;
    size++;
  }

  void add(IndexEntry entry) {
    Place place = find(entry.keys(), entry.keys().length, 0);
    int piece = place.piece;
    if (piece == count) {
      if (count > 0) {
        entry.share(pieces[count - 1][sizes[count - 1] - 1]);
      }
      append(entry);
      return;
    }
    int offset = place.offset;
    entry.share(pieces[piece][Math.max(0, offset - 1)]);
    if (sizes[piece] == PIECE) {
      split(piece);
      if (offset >= PIECE / 2) {
        piece++;
        offset -= PIECE / 2;
      }
    }
    IndexEntry[] entries = pieces[piece];
    System.arraycopy(entries, offset, entries, offset + 1, sizes[piece] - offset);
    entries[offset] = entry;
    sizes[piece]++;
    size++;
  }

  /** Puts an empty piece before another one, or behind all. */
  private void addPiece(int piece) {
    if (count == pieces.length) {
      IndexEntry[][] morePieces = new IndexEntry[2 * count][];
      int[] moreSizes = new int[2 * count];
      System.arraycopy(pieces, 0, morePieces, 0, count);
      System.arraycopy(sizes, 0, moreSizes, 0, count);
      pieces = morePieces;
      sizes = moreSizes;
    }
    System.arraycopy(pieces, piece, pieces, piece + 1, count - piece);
    System.arraycopy(sizes, piece, sizes, piece + 1, count - piece);
    pieces[piece] = new IndexEntry[PIECE];
    sizes[piece] = 0;
    count++;
  }

  /** Has a full piece give its second half to a new one behind it. */
  private void split(int piece) {
    addPiece(piece + 1);
    System.arraycopy(pieces[piece], PIECE / 2, pieces[piece + 1], 0, PIECE / 2);
    Arrays.fill(pieces[piece], PIECE / 2, PIECE, null);
    sizes[piece] = PIECE / 2;
    sizes[piece + 1] = PIECE / 2;
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
