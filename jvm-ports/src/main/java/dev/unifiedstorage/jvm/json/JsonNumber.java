package dev.unifiedstorage.jvm.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Numbers as JavaScript has them: doubles, written with the fewest digits that read back the same.
 *
 * <p>{@code Double.toString} has the digits right up to 15 of them (two such decimals never share a
 * double, so there is only one); beyond, and for subnormal numbers, this JDK's is sometimes longer
 * or further off than need be, and exact arithmetic decides.
 */
final class JsonNumber {
  private static final double EXACT_INTEGER = 9007199254740992.0;
  private static final int TRUSTED_DIGITS = 15;
  private static final int MOST_DIGITS = 17;

  // Between these Java writes a fraction without an exponent, as JavaScript does.
  private static final double PLAIN_FROM = 1e-3;
  private static final double PLAIN_BELOW = 1e7;

  private JsonNumber() {}

  /** Reads a number that is known to be one by JSON's grammar. */
  static Double parse(String text) {
    int length = text.length();
    if (length <= 15 && length > 0) {
      boolean negative = text.charAt(0) == '-';
      long value = 0;
      int i = negative ? 1 : 0;
      for (; i < length; i++) {
        int digit = text.charAt(i) - '0';
        if (digit < 0 || digit > 9) {
          return Double.valueOf(text);
        }
        value = value * 10 + digit;
      }
      return negative ? -(double) value : (double) value;
    }
    return Double.valueOf(text);
  }

  /** Appends {@code value} as {@code JSON.stringify} does: what is not finite is null. */
  static void append(StringBuilder out, double value) {
    if (!Double.isFinite(value)) {
      out.append("null");
    } else if (value == Math.rint(value) && Math.abs(value) < EXACT_INTEGER) {
      out.append((long) value);
    } else {
      if (value < 0) {
        out.append('-');
      }
      appendMagnitude(out, Math.abs(value));
    }
  }

  private static void appendMagnitude(StringBuilder out, double value) {
    if (value >= PLAIN_FROM && value < PLAIN_BELOW) {
      String printed = Double.toString(value);
      if (printed.length() <= TRUSTED_DIGITS + 1) {
        out.append(printed);
        return;
      }
    }
    appendDigits(out, shortest(value));
  }

  /** The shortest decimal that reads back as {@code value}, and of those the nearest. */
  private static BigDecimal shortest(double value) {
    BigDecimal printed = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    if (value >= Double.MIN_NORMAL && printed.precision() <= TRUSTED_DIGITS) {
      return printed;
    }
    BigDecimal exact = new BigDecimal(value);
    int digits = value >= Double.MIN_NORMAL ? TRUSTED_DIGITS : 1;
    for (; digits < MOST_DIGITS; digits++) {
      BigDecimal below = exact.round(new MathContext(digits, RoundingMode.DOWN));
      BigDecimal above = exact.round(new MathContext(digits, RoundingMode.UP));
      boolean belowFits = below.doubleValue() == value;
      boolean aboveFits = above.doubleValue() == value;
      if (belowFits && aboveFits) {
        int nearer = exact.subtract(below).compareTo(above.subtract(exact));
        // Half-way between the two, JavaScript takes the one whose last digit is even.
        boolean takeBelow = nearer < 0 || nearer == 0 && !below.unscaledValue().testBit(0);
        return (takeBelow ? below : above).stripTrailingZeros();
      }
      if (belowFits || aboveFits) {
        return (belowFits ? below : above).stripTrailingZeros();
      }
    }
    return exact.round(new MathContext(MOST_DIGITS, RoundingMode.HALF_EVEN)).stripTrailingZeros();
  }

  /** ECMAScript's Number::toString from the digits on. */
  private static void appendDigits(StringBuilder out, BigDecimal decimal) {
    BigInteger unscaled = decimal.unscaledValue();
    String digits = unscaled.toString();
    int count = digits.length();
    int point = count - decimal.scale();
    if (point >= count && point <= 21) {
      out.append(digits).append("0".repeat(point - count));
    } else if (point > 0 && point <= 21) {
      out.append(digits, 0, point).append('.').append(digits, point, count);
    } else if (point > -6 && point <= 0) {
      out.append("0.").append("0".repeat(-point)).append(digits);
    } else {
      int exponent = point - 1;
      out.append(digits.charAt(0));
      if (count > 1) {
        out.append('.').append(digits, 1, count);
      }
      out.append('e').append(exponent < 0 ? '-' : '+').append(Math.abs(exponent));
    }
  }
}
