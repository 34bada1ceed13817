package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The exchanges of {@code docs/reference}: what the pages say is what a server does. */
@ExtendWith(SharedServer.class)
class ReferenceTest {
  private static final Path PAGES = Path.of("..", "docs", "reference");
  private static final String ANYTHING = "…";

  @Test
  void requests(Session s) throws IOException {
    int replies = run(PAGES.resolve("requests.md"), s);
    assertTrue(replies > 15, "exchanges: " + replies);
  }

  @Test
  void queries(Session s) throws IOException {
    assertEquals(5, run(PAGES.resolve("queries.md"), s));
  }

  @Test
  void subscriptions(Session s) throws IOException {
    assertTrue(run(PAGES.resolve("subscriptions.md"), s) > 5);
  }

  @Test
  void sessions(Session s) throws IOException {
    int replies = run(PAGES.resolve("sessions.md"), s);
    assertTrue(replies > 6, "exchanges: " + replies);
  }

  @Test
  void schemas(@TempDir Path directory) throws IOException {
    Path page = PAGES.resolve("schemas.md");
    // A Worker's variables come in one line without spaces.
    String schemas = Session.json(String.join("", lines(page, "```json"))).toString();
    Setup setup = Setup.plain().with("SCHEMAS", schemas);
    try (StoreServer server = StoreServer.start(setup, directory.resolve("data"));
        Session s = server.open("store")) {
      int replies = run(page, s);
      assertTrue(replies > 3, "exchanges: " + replies);
    }
  }

  @Test
  void limits(@TempDir Path directory) throws IOException {
    Setup setup = Setup.plain().with("RATE_LIMIT", "1:2");
    try (StoreServer server = StoreServer.start(setup, directory.resolve("data"));
        Session s = server.open("store")) {
      assertEquals(4, run(PAGES.resolve("limits.md"), s));
    }
  }

  /** The page has scopes where a client has a token. */
  @Test
  void access(@TempDir Path directory) throws IOException {
    Setup setup = Setup.plain().with("AUTH_JWT_SECRET", Jwt.SECRET);
    String claims = "{'ns':'store','scope':'read write','types':['Card'],'exp':%d}";
    String token =
        Jwt.signed(
            "{'alg':'HS256'}",
            claims.formatted(Jwt.inSeconds(600)),
            Jwt.SECRET.getBytes(StandardCharsets.UTF_8));
    String page = Files.readString(PAGES.resolve("access.md")).replace("{read write}", token);
    Path filled = Files.writeString(directory.resolve("access.md"), page);
    try (StoreServer server = StoreServer.start(setup, directory.resolve("data"));
        Session s = server.open("store")) {
      int replies = run(filled, s);
      assertTrue(replies > 4, "exchanges: " + replies);
    }
  }

  /** What names an answer: a push has no id, and a subscription's name. */
  private static String key(JsonNode reply) {
    return (reply.has("id") ? reply.path("id") : reply.path("sub")).toString();
  }

  /** Asks what a page asks; how many replies were as the page has them. */
  private static int run(Path page, Session s) throws IOException {
    List<String> lines = lines(page, "```protocol");
    int replies = 0;
    for (int i = 0; i < lines.size(); ) {
      String request = lines.get(i++).substring(2);
      s.socket().sendFrame(Session.TEXT, true, request.getBytes(StandardCharsets.UTF_8));
      Map<String, JsonNode> expected = new HashMap<>();
      for (; i < lines.size() && lines.get(i).startsWith("<"); i++) {
        JsonNode reply = StoreSocket.JSON.readTree(lines.get(i).substring(2));
        expected.put(key(reply), reply);
      }
      for (int left = expected.size(); left > 0; left--) {
        JsonNode reply = s.socket().nextUncorrelated();
        JsonNode wanted = expected.remove(key(reply));
        assertTrue(wanted != null && fits(wanted, reply), () -> request + " was answered " + reply);
        replies++;
      }
    }
    return replies;
  }

  /** The lines of a page that are in blocks which begin in this way. */
  private static List<String> lines(Path page, String begin) throws IOException {
    List<String> lines = new ArrayList<>();
    boolean inside = false;
    for (String line : Files.readAllLines(page)) {
      if (line.startsWith("```")) {
        inside = line.equals(begin);
      } else if (inside) {
        lines.add(line);
      }
    }
    return lines;
  }

  private static boolean fits(JsonNode wanted, JsonNode found) {
    if (wanted.isTextual() && wanted.textValue().equals(ANYTHING)) {
      return !found.isMissingNode();
    }
    if (!wanted.isContainerNode()) {
      return wanted.equals(found);
    }
    if (wanted.size() != found.size() || wanted.getNodeType() != found.getNodeType()) {
      return false;
    }
    for (Map.Entry<String, JsonNode> one : wanted.properties()) {
      if (!fits(one.getValue(), found.path(one.getKey()))) {
        return false;
      }
    }
    for (int i = 0; wanted.isArray() && i < wanted.size(); i++) {
      if (!fits(wanted.get(i), found.get(i))) {
        return false;
      }
    }
    return true;
  }
}
