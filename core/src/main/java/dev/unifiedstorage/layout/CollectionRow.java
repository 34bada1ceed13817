package dev.unifiedstorage.layout;

/** One row of {@code collections}, its commit record aside. */
public record CollectionRow(String type, double tx, String body) {

  double sum(String head) {
    int sum = 31 * type.hashCode() + Double.hashCode(tx);
    sum = 31 * sum + (head == null ? 1 : head.hashCode());
    return 31 * sum + body.hashCode();
  }
}
