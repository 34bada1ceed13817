package dev.unifiedstorage.worker;

import dev.unifiedstorage.access.AccessSettings;
import dev.unifiedstorage.store.UnifiedStoreConfig;
import java.util.HashMap;
import java.util.Map;

/** The variables of a store, gathered from the Worker's environment and from a caller's options. */
final class Settings {
  private static final String ARCHIVE_SETTLE_MS = "ARCHIVE_SETTLE_MS";

  /** Cloudflare's sink can commit files out of order, a minute apart. */
  private static final String DEFAULT_SETTLE_MS = "60000";

  private static final String MAX_STORE_BYTES = "MAX_STORE_BYTES";

  /**
   * 36 MiB, in place of 64. A text that is counted at a byte a character takes two in WebAssembly:
   * a full store's heap is then as large as one in JavaScript, about 70 MiB.
   */
  private static final String WEBASSEMBLY_STORE_BYTES = "37748736";

  private Settings() {}

  /**
   * Merges both; an option wins.
   *
   * @param env the Worker's environment, in which other things than variables are found too
   * @param options the fields of a {@code UnifiedStoreConfig} in lowerCamelCase
   */
  static Map<String, String> merge(HostObject env, HostObject options) {
    Map<String, String> vars = new HashMap<>();
    vars.put(ARCHIVE_SETTLE_MS, DEFAULT_SETTLE_MS);
    if (HostJson.isWebAssembly()) {
      vars.put(MAX_STORE_BYTES, WEBASSEMBLY_STORE_BYTES);
    }
    for (String name : UnifiedStoreConfig.VARS) {
      put(vars, name, env, name);
    }
    for (String key : options.keys()) {
      put(vars, varName(key), options, key);
    }
    return vars;
  }

  /** The variables about access, of the environment alone: they are no store's. */
  static AccessSettings access(HostObject env) {
    Map<String, String> vars = new HashMap<>();
    for (String name : AccessSettings.VARS) {
      put(vars, name, env, name);
    }
    return AccessSettings.fromVars(vars);
  }

  private static void put(Map<String, String> vars, String name, HostObject from, String key) {
    String value =
        switch (from.kind(key)) {
          case STRING -> from.string(key);
          case NUMBER -> new HostWriter().number(from.number(key)).text();
          case BOOLEAN -> from.bool(key) ? "true" : "false";
          case ABSENT, NULL -> "";
          // A setting that is JSON may come as it is.
          case ARRAY, OBJECT -> new HostWriter().object(from.json(key)).text();
        };
    if (!value.isEmpty()) {
      vars.put(name, value);
    }
  }

  /** {@code checkpointInterval} as the variable {@code CHECKPOINT_INTERVAL}. */
  private static String varName(String option) {
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < option.length(); i++) {
      char c = option.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        name.append('_').append(c);
      } else {
        name.append(c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c);
      }
    }
    return name.toString();
  }
}
