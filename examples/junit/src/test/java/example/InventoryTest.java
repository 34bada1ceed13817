package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unifiedstorage.junit5.StoreClient;
import dev.unifiedstorage.junit5.Thing;
import dev.unifiedstorage.junit5.UnifiedStorageExtension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class InventoryTest {
  @RegisterExtension static UnifiedStorageExtension storage = new UnifiedStorageExtension();

  private Inventory inventory;

  @BeforeEach
  void open() {
    storage.reset();
    inventory = new Inventory(storage.socketUrl("shop"));
  }

  @AfterEach
  void close() {
    inventory.close();
  }

  @Test
  void whatWasReceivedCanBeSoldAndNoMore() throws Exception {
    inventory.receive("apple", 3);
    assertTrue(inventory.sell("apple", 2));
    assertFalse(inventory.sell("apple", 2));
    assertEquals(1, inventory.inStock("apple"));
    assertEquals(0, inventory.inStock("pear"));
  }

  @Test
  void theStoreHasItAsAThing() throws Exception {
    inventory.receive("apple", 3);
    StoreClient client = storage.client("shop");
    Thing apple = client.read("apple").orElseThrow();
    assertEquals("Article", apple.type());
    assertEquals(3, apple.number("pieces"));
    assertEquals(storage.now(), apple.createdAt());
  }

  @Test
  void twoSellersDoNotSellTheSamePieceTwice() throws Exception {
    inventory.receive("apple", 20);
    CompletableFuture<Integer> one = CompletableFuture.supplyAsync(InventoryTest::sellAll);
    CompletableFuture<Integer> other = CompletableFuture.supplyAsync(InventoryTest::sellAll);
    assertEquals(20, one.join() + other.join());
    assertEquals(0, inventory.inStock("apple"));
  }

  private static int sellAll() {
    try (Inventory seller = new Inventory(storage.socketUrl("shop"))) {
      int sold = 0;
      while (seller.sell("apple", 1)) {
        sold++;
      }
      return sold;
    } catch (InterruptedException e) {
      throw new CompletionException(e);
    }
  }

  @Test
  void aStoreThatCrashesInsideTheArchivesLagHasItsDataAnHourLater() throws Exception {
    inventory.receive("apple", 3);
    storage.crash();
    storage.advance(Duration.ofHours(1));
    assertEquals(3, inventory.inStock("apple"));
  }

  @Test
  void anOutageOfThePipelineIsNoOutageOfTheShop() throws Exception {
    storage.pipeline().outage(Duration.ofMinutes(10));
    inventory.receive("apple", 3);
    storage.crash();
    assertEquals(3, inventory.inStock("apple"));
    assertTrue(storage.events("shop").isEmpty());
    storage.advance(Duration.ofHours(1));
    assertFalse(storage.events("shop").isEmpty());
  }

  @Test
  void aDayOfSalesTakesFewRows() throws Exception {
    inventory.receive("apple", 1_000);
    double before = (Double) storage.stats("shop").get("rowsWritten");
    for (int sale = 0; sale < 200; sale++) {
      assertTrue(inventory.sell("apple", 1));
      storage.advance(Duration.ofMillis(50));
    }
    storage.awaitCheckpoint("shop");
    double rows = (Double) storage.stats("shop").get("rowsWritten") - before;
    assertTrue(rows < 20, () -> rows + " rows for 200 sales");
  }

  @Test
  void otherTestsSeeNothingOfThis() {
    assertEquals(Map.of(), storage.client("shop").read(List.of("apple")));
  }
}
