package dev.unifiedstorage.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.client.ClientOptions;
import dev.unifiedstorage.client.StoreClient;
import dev.unifiedstorage.client.StoreError;
import dev.unifiedstorage.client.Written;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client for Java at a store that asks for the access token. */
class ClientTokenTest {
  private static final String TOKEN = "sesame";
  @TempDir private Path directory;

  @Test
  void aClientWithTheAccessTokenIsLetInAndOneWithAnotherIsNot() throws Exception {
    Setup closed = Setup.plain().with("ACCESS_TOKEN", TOKEN);
    try (StoreServer server = StoreServer.start(closed, directory.resolve("data"))) {
      ClientOptions options = ClientOptions.of(server.http().socket("a"));
      try (StoreClient store = StoreClient.connect(options.withToken(() -> TOKEN));
          StoreClient refused = StoreClient.connect(options.withToken(() -> "wrong"))) {
        CompletableFuture<StoreError> told = new CompletableFuture<>();
        refused.onStatus(status -> status.error().ifPresent(told::complete));
        Written card = store.create("Card", Map.of("points", 1)).get(20, TimeUnit.SECONDS);
        assertEquals(1, card.version());
        String refusal = told.get(20, TimeUnit.SECONDS).getMessage();
        assertTrue(refusal.contains("401"), refusal);
      }
    }
  }
}
