package dev.unifiedstorage.port;

/** The lines of a host whose fastest way is Java's. */
final class BuiltLines implements LineWriter {
  private final StringBuilder text = new StringBuilder();

  @Override
  public void add(String line) {
    text.append(line).append('\n');
  }

  @Override
  public String text() {
    return text.toString();
  }
}
