package dev.unifiedstorage.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A compiled pattern: a machine that is in many of its states at once and reads a text once.
 *
 * <p>The time is the length of the text times the number of states at most, whatever both are: no
 * text that a client sends can make it go back and try again.
 */
final class Pattern {
  /** The steps of the machine. */
  enum Op {
    /** Reads one character of a set. */
    READ,
    /** Goes on at two places. */
    FORK,
    /** Goes on at another place. */
    JUMP,
    /** Goes on at the beginning of the text only. */
    BEGIN,
    /** Goes on at the end of the text only. */
    END,
    FOUND
  }

  /**
   * One step.
   *
   * @param set the characters that are read
   * @param to where it goes on, if not behind it
   * @param or the other place
   */
  record Step(Op op, @Nullable CharSet set, int to, int or) {}

  private final List<Step> steps;

  Pattern(List<Step> steps) {
    this.steps = steps;
  }

  static boolean isPair(char high, char low) {
    return high >= 0xD800 && high < 0xDC00 && low >= 0xDC00 && low < 0xE000;
  }

  /** Whether the pattern matches a part of the text. */
  boolean isFoundIn(String text) {
    return new Search(steps, text).run();
  }

  /** One reading of a text. */
  private static final class Search {
    private final List<Step> steps;
    private final String text;

    /** For each step the place in the text where the machine was last in it, from 1. */
    private final int[] visited;

    private final int[] stack;
    private int[] current;
    private int[] next;
    private int size;
    private boolean found;

    Search(List<Step> steps, String text) {
      this.steps = steps;
      this.text = text;
      this.visited = new int[steps.size()];
      this.stack = new int[2 * steps.size() + 1];
      this.current = new int[steps.size()];
      this.next = new int[steps.size()];
    }

    boolean run() {
      boolean anchored = steps.get(0).op == Op.BEGIN;
      int length = text.length();
      int at = 0;
      enter(0, 0);
      while (!found && at < length && (size > 0 || !anchored)) {
        int character = text.charAt(at);
        int behind = at + 1;
        if (behind < length && isPair((char) character, text.charAt(behind))) {
          character = (character - 0xD800 << 10) + text.charAt(behind) - 0xDC00 + 0x10000;
          behind++;
        }
        int states = size;
        size = 0;
        int[] read = current;
        current = next;
        next = read;
        for (int i = 0; i < states && !found; i++) {
          CharSet set = steps.get(read[i]).set;
          if (set != null && set.has(character)) {
            enter(read[i] + 1, behind);
          }
        }
        at = behind;
        if (!anchored) {
          enter(0, at);
        }
      }
      return found;
    }

    /** Brings the machine to a step at a place in the text, and on to where it has to read. */
    private void enter(int first, int at) {
      int depth = 0;
      stack[depth++] = first;
      while (depth > 0) {
        int index = stack[--depth];
        if (visited[index] == at + 1) {
          continue;
        }
        visited[index] = at + 1;
        Step step = steps.get(index);
        switch (step.op) {
          case READ -> current[size++] = index;
          case FORK -> {
            stack[depth++] = step.or;
            stack[depth++] = step.to;
          }
          case JUMP -> stack[depth++] = step.to;
          case BEGIN -> {
            if (at == 0) {
              stack[depth++] = index + 1;
            }
          }
          case END -> {
            if (at == text.length()) {
              stack[depth++] = index + 1;
            }
          }
          case FOUND -> found = true;
        }
      }
    }
  }
}
