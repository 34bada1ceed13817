package dev.unifiedstorage.emulator;

import dev.unifiedstorage.jvm.json.JsoniterJson;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.port.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Vars in a file: a JSON object, whose values are texts or what a var has as text. */
final class VarsFile {
  private VarsFile() {}

  static Map<String, String> read(Path file) throws CommandLine.UsageException {
    JsoniterJson json = new JsoniterJson();
    JsonObject object;
    try {
      object = json.parse(Files.readString(file));
    } catch (IOException | JsonParseException e) {
      throw new CommandLine.UsageException(
          "--set-file " + file + " cannot be read: " + e.getMessage());
    }
    Map<String, String> vars = new LinkedHashMap<>();
    for (String name : object.keys()) {
      switch (object.kind(name)) {
        case STRING -> vars.put(name, object.string(name));
        case ABSENT, NULL -> {}
        default -> vars.put(name, json.writer().value(object.value(name)).text());
      }
    }
    return vars;
  }
}
