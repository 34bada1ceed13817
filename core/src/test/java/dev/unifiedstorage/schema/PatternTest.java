package dev.unifiedstorage.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Patterns beside the host's regular expressions, and what they refuse. */
final class PatternTest {
  private static final int PATTERNS = 20_000;
  private static final int DEPTH = 2;
  private static final String[] ATOMS = {
    "a", "b", "c", ".", "\\d", "\\W", "[ab]", "[^a]", "[a-c1]", "[\\d-]", "\\.", "\\u0061", "^", "$"
  };
  private static final String[] TIMES = {"", "", "", "*", "+", "?", "{2}", "{0,2}", "{1,}", "*?"};

  private final Random random = new Random(7);

  /** Places stay out of groups: Java passes over some ways through {@code (^a?){2}}. */
  private String pattern(int depth) {
    int atoms = depth == DEPTH ? ATOMS.length : ATOMS.length - 2;
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(4); i >= 0; i--) {
      if (depth > 0 && random.nextInt(4) == 0) {
        text.append(random.nextBoolean() ? "(" : "(?:").append(pattern(depth - 1)).append(')');
        text.append(TIMES[random.nextInt(TIMES.length)]);
      } else {
        String atom = ATOMS[random.nextInt(atoms)];
        text.append(atom);
        if (!atom.equals("^") && !atom.equals("$")) {
          text.append(TIMES[random.nextInt(TIMES.length)]);
        }
      }
      if (random.nextInt(6) == 0) {
        text.append('|');
      }
    }
    return text.toString();
  }

  @Test
  void findsWhatTheHostFinds() {
    int found = 0;
    for (int i = 0; i < PATTERNS; i++) {
      String pattern = pattern(DEPTH);
      Pattern ours = PatternReader.read(pattern);
      // Java's $ also matches before a line end at the end of the text; \z is ECMAScript's $.
      java.util.regex.Pattern theirs = java.util.regex.Pattern.compile(pattern.replace("$", "\\z"));
      for (int j = 0; j < 10; j++) {
        StringBuilder text = new StringBuilder();
        for (int k = random.nextInt(7); k > 0; k--) {
          text.append("abc1.-\n".charAt(random.nextInt(7)));
        }
        boolean expected = theirs.matcher(text).find();
        assertEquals(expected, ours.isFoundIn(text.toString()), pattern + " in " + text);
        found += expected ? 1 : 0;
      }
    }
    assertTrue(found > PATTERNS && found < 9 * PATTERNS, "found: " + found);
  }

  @ParameterizedTest
  @CsvSource({
    "^.$,\uD83D\uDE00,true",
    "^..$,\uD83D\uDE00,false",
    "^\\u{1F600}$,\uD83D\uDE00,true",
    "^\\ud83d\\ude00$,\uD83D\uDE00,true",
    "^[\uD83D\uDE00-\uD83D\uDE02]$,\uD83D\uDE01,true",
    "^[^x]$,\uD83D\uDE01,true",
    "^\\cJ\\x41\\0?$,'\nA',true",
    "^[\\w\\-]+$,a-b_9,true",
    "^[^\\D]$,7,true",
    "^[\\S]$,\u00A0,false",
    "'^(?:a|b(c|d){2,3})*$',abccabdcd,true",
    "'^(?:a|b(c|d){2,3})*$',abccab,false",
    "^$,'',true",
    "^[^]$,x,true",
    "^[]$,x,false",
    "^a{0}$,'',true"
  })
  void readsWhatEcmaScriptReads(String pattern, String text, boolean expected) {
    assertEquals(expected, PatternReader.read(pattern).isFoundIn(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(?=a)",
        "(?<=a)",
        "(?!a)",
        "(?<name>a)",
        "\\1",
        "(a)\\1",
        "\\k<n>",
        "\\b",
        "\\p{L}",
        "\\q",
        "\\-",
        "(a",
        "a)",
        "[a",
        "[b-a]",
        "*a",
        "a**",
        "^*",
        "{1}",
        "a{",
        "a{2,1}",
        "a{,2}",
        "]",
        "}",
        "\\u12",
        "\\u{110000}",
        "\\u{}",
        "\\x4",
        "\\01",
        "\\c1",
        "\\"
      })
  void refusesWhatItCannotDo(String pattern) {
    assertThrows(IllegalArgumentException.class, () -> PatternReader.read(pattern));
  }

  @Test
  void isBoundedInSizeAndTime() {
    String text = "a".repeat(200_000);
    assertFalse(PatternReader.read("^(a+)+$").isFoundIn(text + "b"));
    assertFalse(PatternReader.read("(a|a)*(a|a)*(a|a)*b").isFoundIn(text));
    assertTrue(PatternReader.read("^(a?){300}a{100}$").isFoundIn("a".repeat(400)));
    for (String large :
        new String[] {
          "a{1001}",
          "(a{0,100}){0,100}",
          "(".repeat(31) + ")".repeat(31),
          "a".repeat(1001),
          "((((((a{9}){9}){9}){9}){9}){9}){9}"
        }) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> PatternReader.read(large))
              .getMessage();
      assertTrue(message.startsWith("of at most"), message);
    }
  }
}
