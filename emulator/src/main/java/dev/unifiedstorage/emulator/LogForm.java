package dev.unifiedstorage.emulator;

/** How an emulator says what an operator should know. */
public enum LogForm {
  /** A line of text for what is out of the ordinary; that stores start and stop is not said. */
  QUIET,
  /** A line of text for each message, and for each step of a store's life. */
  TEXT,
  /** The same, each line a JSON object. */
  JSON
}
