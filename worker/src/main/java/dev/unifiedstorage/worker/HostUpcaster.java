package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.Upcaster;

/** The application's function in JavaScript. */
final class HostUpcaster implements Upcaster {
  private final Upcast upcast;

  HostUpcaster(Upcast upcast) {
    this.upcast = upcast;
  }

  @Override
  public String upcast(String type, double form, String fields) {
    HostObject answer = new HostObject(upcast.upcast(type, form, fields));
    if (answer.kind("fields") != JsonKind.STRING) {
      throw new IllegalStateException(answer.string("error"));
    }
    return answer.string("fields");
  }
}
