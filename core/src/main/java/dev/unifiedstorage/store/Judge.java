package dev.unifiedstorage.store;

import dev.unifiedstorage.port.Connection;
import dev.unifiedstorage.port.Json;
import dev.unifiedstorage.port.JsonObject;
import dev.unifiedstorage.protocol.ErrorCode;
import dev.unifiedstorage.protocol.Operation;
import dev.unifiedstorage.protocol.Refusal;
import dev.unifiedstorage.protocol.RequestReader;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Has the application's rule judge writes that were left unread, and reads what it allows. */
final class Judge {
  private final RequestReader reader;
  private final Json json;
  private @Nullable WriteRule rule;

  Judge(Json json) {
    this.reader = new RequestReader(json);
    this.json = json;
  }

  /** Says what judges; until then no write is left unread. */
  void ruleIs(WriteRule given) {
    rule = given;
  }

  /** The operation itself; of an unread write what the rule makes of it. */
  Operation judged(Operation operation, Connection from) {
    if (!(operation instanceof Operation.Unjudged unread)) {
      return operation;
    }
    JsonObject allowed;
    try {
      allowed = Objects.requireNonNull(rule).judge(unread.source(), from.origin());
    } catch (WriteRefusedException e) {
      return new Operation.Malformed(refusal(e));
    }
    return reader.readWrite(allowed, Operation.UNMEASURED);
  }

  private Refusal refusal(WriteRefusedException refused) {
    String details = refused.details();
    for (ErrorCode known : ErrorCode.values()) {
      if (known.name().equals(refused.code())) {
        return new Refusal(
            known, String.valueOf(refused.getMessage()), details.isEmpty() ? null : details);
      }
    }
    JsonObject own = details.isEmpty() ? json.object() : json.parse(details);
    String text = json.writer().object(own.set("code", refused.code())).text();
    return new Refusal(ErrorCode.VALIDATION_ERROR, String.valueOf(refused.getMessage()), text);
  }
}
