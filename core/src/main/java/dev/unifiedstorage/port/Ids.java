package dev.unifiedstorage.port;

/** Where identifiers come from. */
public interface Ids {
  /** A new UUID version 4 in its 36-character lower-case form. */
  String uuid();

  /** A random whole number from 2^32 to below 2^53, of which no two are the same: 52 bits of it. */
  default double number() {
    String digits = uuid();
    double number = 0;
    for (int i = digits.length() - 13; i < digits.length(); i++) {
      char c = digits.charAt(i);
      if (c != '-') {
        number = number * 16 + Character.digit(c, 16);
      }
    }
    number = number * 16 + Character.digit(digits.charAt(0), 16);
    return number < 4294967296.0 ? number + 4294967296.0 : number;
  }

  /** A new id for a thing: {@code {type in lower case}_{uuid v4}}. */
  String thingId(String type);
}
