package dev.unifiedstorage.conformance;

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

/** The exchanges of {@code docs/reference}: what the pages say is what a server does. */
@ExtendWith(SharedServer.class)
class ReferenceTest {
  private static final Path PAGES = Path.of("..", "docs", "reference");
  private static final String ANYTHING = "…";

  @Test
  void requests(Session s) throws IOException {
    List<String> lines = exchanges(PAGES.resolve("requests.md"));
    int replies = 0;
    for (int i = 0; i < lines.size(); ) {
      String request = lines.get(i++).substring(2);
      s.socket().sendFrame(Session.TEXT, true, request.getBytes(StandardCharsets.UTF_8));
      Map<String, JsonNode> expected = new HashMap<>();
      for (; i < lines.size() && lines.get(i).startsWith("<"); i++) {
        JsonNode reply = StoreSocket.JSON.readTree(lines.get(i).substring(2));
        expected.put(reply.path("id").toString(), reply);
      }
      for (int left = expected.size(); left > 0; left--) {
        JsonNode reply = s.socket().nextUncorrelated();
        JsonNode wanted = expected.remove(reply.path("id").toString());
        assertTrue(wanted != null && fits(wanted, reply), () -> request + " was answered " + reply);
        replies++;
      }
    }
    assertTrue(replies > 15, "exchanges: " + replies);
  }

  private static List<String> exchanges(Path page) throws IOException {
    List<String> lines = new ArrayList<>();
    boolean inside = false;
    for (String line : Files.readAllLines(page)) {
      if (line.startsWith("```")) {
        inside = line.equals("```protocol");
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
