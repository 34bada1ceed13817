package dev.unifiedstorage.jvm.json;

import dev.unifiedstorage.contract.JsonContract;
import dev.unifiedstorage.port.Json;

class JsoniterJsonContractTest extends JsonContract {
  private final Json json = new JsoniterJson();

  @Override
  protected Json json() {
    return json;
  }
}
