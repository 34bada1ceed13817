package dev.unifiedstorage.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.unifiedstorage.protocol.Route;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page of routes has each with its method and its scope, and no other. */
final class RoutesPageTest {
  private static final Path PAGE = Path.of("../docs/reference/routes.md");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `([A-Z]+) (\\S+)` \\| (?:`(\\w+)`)? ?\\|");

  @Test
  void everyRouteHasARowWithItsScope() throws IOException {
    String page = Files.readString(PAGE);
    Matcher row = ROW.matcher(page.substring(0, page.indexOf("\n## ")));
    Set<Route.Kind> said = EnumSet.noneOf(Route.Kind.class);
    while (row.find()) {
      Route route = route(row.group(1), row.group(2));
      assertFalse(route.kind().isError(), () -> row.group() + route.problem());
      said.add(route.kind());
      assertScope(row.group(3), route);
    }
    Set<Route.Kind> all = EnumSet.allOf(Route.Kind.class);
    all.removeIf(Route.Kind::isError);
    assertEquals(all, said);
  }

  private static Route route(String method, String path) {
    String query = "?namespace=a&mode=put";
    String target = path.replace("{ns}", "a").replace("{id}", "b") + query;
    return Route.parse(method, target, path.equals("/stores/{ns}") && method.equals("GET"));
  }

  /** Who has all scopes but that one is refused; none, where a route names none. */
  private static void assertScope(String scope, Route route) {
    for (Scope one : Scope.values()) {
      String refusal = grantWithout(one).refusal(route);
      if (one.label().equals(scope)) {
        assertNotNull(refusal, scope);
      } else {
        assertNull(refusal, () -> route.kind() + " without " + one.label());
      }
    }
    assertEquals(
        scope == null, Arrays.stream(Scope.values()).noneMatch(s -> s.label().equals(scope)));
  }

  private static Grant grantWithout(Scope scope) {
    return new Grant(
        List.of("*"),
        scope != Scope.READ,
        scope != Scope.WRITE,
        scope != Scope.ADMIN,
        null,
        Double.POSITIVE_INFINITY,
        null);
  }
}
