package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.unifiedstorage.driver.StoreSocket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many namespaces and many sockets at once. */
@ExtendWith(SharedServer.class)
class ScaleTest {
  @Test
  void fiftyNamespacesKeepApart(Session s, StoreServer server) throws Exception {
    List<Session> sessions = new ArrayList<>();
    try {
      for (int i = 0; i < 50; i++) {
        sessions.add(server.open(s.namespace() + "." + i));
      }
      List<CompletableFuture<JsonNode>> replies = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        for (int j = 0; j <= i; j++) {
          String data = "{'$id':'t" + j + "','n':" + i + "}";
          replies.add(sessions.get(i).send("{'type':'create','$type':'T','data':" + data + "}"));
        }
      }
      replies.forEach(reply -> new Reply(StoreSocket.await(reply)).ack());
      Set<String> bootIds = new HashSet<>();
      for (int i = 0; i < 50; i++) {
        JsonNode stats = sessions.get(i).stats();
        assertEquals(i + 1, stats.path("entries").asInt(), stats::toString);
        assertEquals(i + 1, stats.path("appliedSeq").asInt(), stats::toString);
        assertEquals(i, sessions.get(i).thing("t0").path("n").asInt());
        bootIds.add(stats.path("bootId").asText());
      }
      assertEquals(50, bootIds.size());
      assertTrue(s.thing("t0").isMissingNode());
    } finally {
      sessions.forEach(session -> session.socket().abort());
    }
  }

  @Test
  void twoHundredSocketsWriteOneCounterThing(Session s, StoreServer server) throws Exception {
    List<Session> sessions = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        sessions.add(server.open(s.namespace()));
      }
      s.create("counter", "{}").ack();
      List<CompletableFuture<JsonNode>> replies = new ArrayList<>();
      for (int round = 0; round < 5; round++) {
        for (Session session : sessions) {
          replies.add(session.send("{'type':'update','$id':'counter','data':{}}"));
        }
      }
      Set<Integer> versions = new HashSet<>();
      replies.forEach(r -> versions.add(new Reply(StoreSocket.await(r)).ack().version()));
      assertEquals(1_000, versions.size());
      assertEquals(1_001, s.thing("counter").path("$version").asInt());
    } finally {
      sessions.forEach(session -> session.socket().abort());
    }
    s.ping().ok();
  }
}
