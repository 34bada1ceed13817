package dev.unifiedstorage.conformance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.unifiedstorage.driver.StoreHttp;
import dev.unifiedstorage.driver.StoreSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * One socket to one namespace, in the words of the protocol.
 *
 * <p>Requests are written as JSON with single quotes, which keeps them readable in Java; they are
 * turned into strict JSON before they are sent. {@link #raw} sends what it is given.
 *
 * <p>A test that kills the server does so with a session open: when the last socket closes, a store
 * may checkpoint, and the kill would find nothing left to lose.
 */
record Session(StoreSocket socket, StoreHttp http, String namespace) implements AutoCloseable {
  private static final JsonMapper LENIENT =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_SINGLE_QUOTES).build();

  private static final Duration RECOVERY_DEADLINE = Duration.ofSeconds(60);

  static final int TEXT = 1;
  static final int BINARY = 2;

  /** Reads JSON that may use single quotes. */
  static ObjectNode json(String text) {
    try {
      return (ObjectNode) LENIENT.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not JSON: " + text, e);
    }
  }

  Reply call(String request) {
    return call(json(request));
  }

  /** Asks, and asks again while the store recovers, as a client should. */
  Reply call(ObjectNode request) {
    return new Reply(socket.callRecovered(request, RECOVERY_DEADLINE));
  }

  CompletableFuture<JsonNode> send(String request) {
    return socket.send(json(request));
  }

  /** Creates a thing with an id of the test's choice. */
  Reply create(String id, String data) {
    return call(createRequest(id, data));
  }

  static ObjectNode createRequest(String id, String data) {
    ObjectNode request = json("{'type':'create','$type':'Customer'}");
    ObjectNode fields = json(data);
    fields.put("$id", id);
    request.set("data", fields);
    return request;
  }

  Reply update(String id, String data) {
    ObjectNode request = json("{'type':'update'}");
    request.put("$id", id).set("data", json(data));
    return call(request);
  }

  Reply delete(String id) {
    ObjectNode request = json("{'type':'delete'}");
    return call(request.put("$id", id));
  }

  Reply read(String... ids) {
    ObjectNode request = json("{'type':'read','$ids':[]}");
    for (String id : ids) {
      request.withArray("$ids").add(id);
    }
    return call(request).ok();
  }

  /** A thing as a read shows it; a missing node when it does not exist. */
  JsonNode thing(String id) {
    return read(id).thing(id);
  }

  Reply ping() {
    return call("{'type':'ping'}");
  }

  /** Sends any text and takes the next reply that belongs to no request. */
  Reply raw(String message) {
    return raw(TEXT, message.getBytes(StandardCharsets.UTF_8));
  }

  Reply raw(int opcode, byte[] message) {
    socket.sendFrame(opcode, true, message);
    return new Reply(socket.nextUncorrelated());
  }

  JsonNode stats() throws IOException {
    return http.stats(namespace);
  }

  @Override
  public void close() {
    socket.close();
  }
}
