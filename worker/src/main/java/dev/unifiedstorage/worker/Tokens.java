package dev.unifiedstorage.worker;

import org.teavm.jso.JSObject;

/** Checks signatures of JSON Web Tokens by the host's crypto. */
interface Tokens extends JSObject {
  void verify(String token, TokenEnding ending);
}
