package dev.unifiedstorage.simulation;

/** A call of the store to the outside: a crash can come before it and after it. */
enum PortCall {
  SEND,
  STATEMENT,
  COMMIT,
  TIMER,
  ALARM,
  ARCHIVE_READ,
  ARCHIVE_ROW,
  REPLY
}
