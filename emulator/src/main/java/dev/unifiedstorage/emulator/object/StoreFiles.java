package dev.unifiedstorage.emulator.object;

import java.nio.file.Path;

/**
 * Where the objects' SQLite files are: {@code stores/{namespace}.sqlite} in the data folder.
 *
 * <p>A namespace may begin with a dot or differ from another only in case, and there are file
 * systems that hide the one and do not tell {@code a} from {@code A}. So a file's name is the
 * namespace with every upper-case letter, and a dot at the front, written as {@code %} and its two
 * hexadecimal digits: {@code Tenant.1} is {@code %54enant.1.sqlite}. {@code %} is in no namespace,
 * so no two names meet.
 */
public record StoreFiles(Path folder) {

  /** The file of one namespace, absolute. */
  public Path file(String namespace) {
    StringBuilder name = new StringBuilder(namespace.length() + 8);
    for (int i = 0; i < namespace.length(); i++) {
      char c = namespace.charAt(i);
      if (c >= 'A' && c <= 'Z' || c == '.' && i == 0) {
        name.append('%').append(Integer.toHexString(c));
      } else {
        name.append(c);
      }
    }
    return folder.resolve(name.append(".sqlite").toString()).toAbsolutePath().normalize();
  }
}
