package dev.unifiedstorage.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.emulator.Emulator;
import dev.unifiedstorage.emulator.EmulatorOptions;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The client at a store that asks for the access token. */
final class TokenTest {
  private static final String TOKEN = "sesame";

  @Test
  void aClientWithTheAccessTokenIsLetInAndOneWithAnotherIsNot() throws Exception {
    EmulatorOptions closed = EmulatorOptions.builder().port(0).accessToken(TOKEN).build();
    try (Emulator emulator = Emulator.start(closed)) {
      URI url = emulator.socketUrl("a");
      ClientOptions options = ClientOptions.of(url);
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
