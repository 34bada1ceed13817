package dev.unifiedstorage.port;

/** A JSON array of the host. The getters may only be called when {@link #kind} fits. */
public interface JsonArray {
  int size();

  JsonKind kind(int index);

  String string(int index);

  JsonObject object(int index);
}
