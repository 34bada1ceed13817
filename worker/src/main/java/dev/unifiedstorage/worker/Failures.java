package dev.unifiedstorage.worker;

/** What to call an exception: its class's name can be gone from the compiled form. */
final class Failures {
  private Failures() {}

  static String text(Throwable e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }
}
