package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The forms of things where no program beside the store knows those of before. */
class UpcastersTest {
  private static final Setup BEFORE = Setup.plain();
  private static final Setup TODAY = BEFORE.with("UPCASTERS", "{\"Customer\":2}");

  @TempDir private Path directory;

  @Test
  void newThingsHaveTodaysFormAndThoseOfBeforeStayAsTheyAre() throws Exception {
    try (StoreServer server = StoreServer.start(BEFORE, directory.resolve("data"))) {
      try (Session s = server.open("store")) {
        s.create("old", "{'n':1,'$form':1}").ack();
        assertTrue(s.thing("old").path("$form").isMissingNode());
      }
      server.process().kill();
      server.startAgain(TODAY);
      try (Session s = server.open("store")) {
        s.create("new", "{'n':2,'$form':7}").ack();
        assertEquals(2, s.thing("new").path("$form").asInt());
        s.update("new", "{'n':3,'$form':1}").ack();
        assertEquals(2, s.thing("new").path("$form").asInt());

        JsonNode old = s.thing("old");
        assertEquals(1, old.path("n").asInt());
        assertTrue(old.path("$form").isMissingNode());
        String error =
            s.update("old", "{'n':4}").error("INTERNAL_ERROR").json().path("error").asText();
        assertTrue(error.contains("old cannot be brought from form 0 to 1"), error);
        assertEquals(1, s.thing("old").path("$version").asInt());
        s.call("{'type':'put','$id':'old','$type':'Customer','data':{'n':5}}").ack();
        assertEquals(2, s.thing("old").path("$form").asInt());
      }
      server.process().kill();
      server.startAgain(BEFORE);
      try (Session s = server.open("store")) {
        assertEquals(2, s.thing("old").path("$form").asInt());
        assertEquals(3, s.thing("new").path("n").asInt());
      }
    }
  }
}
