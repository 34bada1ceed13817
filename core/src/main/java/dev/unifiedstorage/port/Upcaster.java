package dev.unifiedstorage.port;

/**
 * What the application knows of the forms that its things once had.
 *
 * <p>It has to be pure: the same fields give the same answer, today and in years, because the past
 * is shown through it too, and it is asked again whenever a thing of before is looked at.
 */
public interface Upcaster {
  /**
   * The fields in the next form, one behind {@code form}.
   *
   * @param type of the thing
   * @param form that the fields have, 0 for that of before the type had any
   * @param fields the text of a JSON object: the thing's own fields
   * @return the text of a JSON object
   * @throws RuntimeException when it cannot be done: the thing stays as it is
   */
  String upcast(String type, double form, String fields);
}
