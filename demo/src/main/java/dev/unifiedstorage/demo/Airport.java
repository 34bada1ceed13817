package dev.unifiedstorage.demo;

/** One airport of the input. */
record Airport(
    String code,
    String name,
    String city,
    String state,
    String country,
    double latitude,
    double longitude) {
  static String id(String code) {
    return "airport_" + code;
  }

  String id() {
    return id(code);
  }
}
