package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.JsonKind;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.store.WriteRefusedException;
import dev.unifiedstorage.store.WriteRule;

/** The application's rule in JavaScript. */
final class HostRule implements WriteRule {
  private static final String REFUSED = "refused";

  private final Rule rule;

  HostRule(Rule rule) {
    this.rule = rule;
  }

  @Override
  public JsonObject judge(JsonObject operation, Connection from) {
    Socket socket = from instanceof HostConnection host ? host.socket() : null;
    boolean inProcess = from instanceof HostCaller;
    HostObject answer =
        new HostObject(rule.judge(((HostObject) operation).value(), socket, inProcess));
    if (answer.kind(REFUSED) != JsonKind.OBJECT) {
      return answer;
    }
    HostObject refused = answer.json(REFUSED);
    throw new WriteRefusedException(
        refused.string("code"), refused.string("message"), refused.string("details"));
  }
}
