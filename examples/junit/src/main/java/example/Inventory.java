package example;

import com.jsoniter.any.Any;
import java.net.URI;
import java.util.List;
import java.util.Map;

/**
 * What a shop has in stock, one thing an article, in a store of its own.
 *
 * <p>A sale names the version of the stock that it has seen, so that two sellers cannot sell the
 * last piece twice: the second is refused and looks again.
 */
public final class Inventory implements AutoCloseable {
  private static final int MOST_TRIES = 100;

  private final StoreConnection store;

  /**
   * @param store the WebSocket of the shop's store, {@code wss://…/stores/{shop}}
   */
  public Inventory(URI store) {
    this.store = new StoreConnection(store);
  }

  /** Takes pieces of an article into the stock. */
  public void receive(String article, int pieces) throws InterruptedException {
    change(article, pieces);
  }

  /** Sells pieces of an article; says whether there were enough. */
  public boolean sell(String article, int pieces) throws InterruptedException {
    return change(article, -pieces);
  }

  /** How many pieces of an article there are. */
  public int inStock(String article) throws InterruptedException {
    return find(article).toInt("pieces");
  }

  private boolean change(String article, int pieces) throws InterruptedException {
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      Any found = find(article);
      int left = found.toInt("pieces") + pieces;
      if (left < 0) {
        return false;
      }
      Any reply =
          store.ask(
              found.toInt("$version") == 0
                  ? Map.of(
                      "type",
                      "create",
                      "$type",
                      "Article",
                      "data",
                      Map.of("$id", article, "pieces", left))
                  : Map.of(
                      "type",
                      "update",
                      "$id",
                      article,
                      "data",
                      Map.of("pieces", left),
                      "ifVersion",
                      found.toInt("$version")));
      if (reply.toString("status").equals("ack")) {
        return true;
      }
      if (!reply.toString("code").equals("CONFLICT")) {
        throw new IllegalStateException(reply.toString());
      }
    }
    throw new IllegalStateException("too many others change " + article);
  }

  /** The article, or something without fields when there is none. */
  private Any find(String article) throws InterruptedException {
    Any reply = store.read(Map.of("type", "read", "$ids", List.of(article)));
    if (!reply.toString("status").equals("ok")) {
      throw new IllegalStateException(reply.toString());
    }
    return reply.get("things", article);
  }

  @Override
  public void close() {
    store.close();
  }
}
