package dev.unifiedstorage.emulator.http;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/**
 * The page that looks into stores, at {@code /} and {@code /inspector}.
 *
 * <p>It is static, the same for everybody, and speaks the public protocol; what it shows is asked
 * for with the token that a person gives it. Nothing of it runs but its own files, and no other
 * page may frame it.
 */
final class InspectorPage {
  private static final String HTML = "text/html; charset=utf-8";

  private static final Map<String, String> TYPES =
      Map.of(
          "index.html", HTML,
          "inspector.js", "text/javascript; charset=utf-8",
          "inspector.css", "text/css; charset=utf-8");

  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private InspectorPage() {}

  /** Whether the page or one of its files is asked for, of which nothing is anybody's secret. */
  static boolean isAskedFor(String method, String path) {
    String file = fileOf(path);
    return (method.equals("GET") || method.equals("HEAD"))
        && file != null
        && TYPES.containsKey(file);
  }

  /** Answers what asks for the page or one of its files; false for everything else. */
  static boolean handle(Context ctx, String method, String path) throws IOException {
    if (!isAskedFor(method, path)) {
      return false;
    }
    String file = fileOf(path);
    try (InputStream in = InspectorPage.class.getResourceAsStream("/inspector/" + file)) {
      ctx.contentType(TYPES.get(file))
          .header("Content-Security-Policy", POLICY)
          .header("X-Content-Type-Options", "nosniff")
          .header("Referrer-Policy", "no-referrer")
          .header("Cache-Control", "no-cache")
          .result(in.readAllBytes());
    }
    return true;
  }

  private static String fileOf(String path) {
    if (path.equals("/") || path.equals("/inspector") || path.equals("/inspector/")) {
      return "index.html";
    }
    return path.startsWith("/inspector/") ? path.substring("/inspector/".length()) : null;
  }
}
