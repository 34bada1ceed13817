package dev.unifiedstorage.schema;

/** A set of code points: ranges, each from its first to its last. */
final class CharSet {
  private static final int LAST = 0x10FFFF;

  static final CharSet DIGITS = of('0', '9');
  static final CharSet WORD = of('0', '9', 'A', 'Z', '_', '_', 'a', 'z');

  /** White space and line ends, as ECMAScript has them. */
  static final CharSet SPACE =
      of(
          9, 13, 32, 32, 0xA0, 0xA0, 0x1680, 0x1680, 0x2000, 0x200A, 0x2028, 0x2029, 0x202F, 0x202F,
          0x205F, 0x205F, 0x3000, 0x3000, 0xFEFF, 0xFEFF);

  static final CharSet LINE_ENDS = of(10, 10, 13, 13, 0x2028, 0x2029);

  private int[] ranges = new int[4];
  private int size;
  private boolean negated;

  private static CharSet of(int... ranges) {
    CharSet set = new CharSet();
    set.ranges = ranges;
    set.size = ranges.length;
    return set;
  }

  CharSet add(int first, int last) {
    if (size == ranges.length) {
      int[] more = new int[2 * size];
      System.arraycopy(ranges, 0, more, 0, size);
      ranges = more;
    }
    ranges[size++] = first;
    ranges[size++] = last;
    return this;
  }

  CharSet addAll(CharSet other) {
    int next = 0;
    for (int i = 0; i < other.size; i += 2) {
      if (other.negated) {
        add(next, other.ranges[i] - 1);
        next = other.ranges[i + 1] + 1;
      } else {
        add(other.ranges[i], other.ranges[i + 1]);
      }
    }
    return other.negated ? add(next, LAST) : this;
  }

  /** All code points that are not in this set. */
  CharSet negated() {
    CharSet set = new CharSet();
    set.ranges = ranges;
    set.size = size;
    set.negated = !negated;
    return set;
  }

  boolean has(int character) {
    for (int i = 0; i < size; i += 2) {
      if (character >= ranges[i] && character <= ranges[i + 1]) {
        return !negated;
      }
    }
    return negated;
  }
}
