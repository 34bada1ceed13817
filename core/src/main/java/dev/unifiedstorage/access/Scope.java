package dev.unifiedstorage.access;

/** A kind of request that a token may allow; none of them implies another. */
public enum Scope {
  READ("read"),
  WRITE("write"),
  ADMIN("admin");

  private final String label;

  Scope(String label) {
    this.label = label;
  }

  /** The name that a token has it by. */
  public String label() {
    return label;
  }
}
