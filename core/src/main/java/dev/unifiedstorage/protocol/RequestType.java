package dev.unifiedstorage.protocol;

/** What kind of request is counted: the types of the protocol, and what is none. */
public enum RequestType {
  CREATE("create"),
  READ("read"),
  UPDATE("update"),
  DELETE("delete"),
  PUT("put"),
  CHECK("check"),
  BATCH("batch"),
  QUERY("query"),
  COUNT("count"),
  SUBSCRIBE("subscribe"),
  UNSUBSCRIBE("unsubscribe"),
  HELLO("hello"),
  AUTH("auth"),
  PING("ping"),
  /** A write in which the application has a say. */
  JUDGED("judged"),
  /** Of whatever type, it cannot be carried out. */
  MALFORMED("malformed"),
  /** What is refused after it had waited: its type is not known any more. */
  LATER("later");

  private final String label;

  RequestType(String label) {
    this.label = label;
  }

  /** The name in metrics. */
  public String label() {
    return label;
  }

  /** That of an operation; what comes most often is looked at first. */
  public static RequestType of(Operation operation) {
    if (operation instanceof Operation.Update) {
      return UPDATE;
    } else if (operation instanceof Operation.Create) {
      return CREATE;
    } else if (operation instanceof Operation.Read || operation instanceof Operation.ReadPast) {
      return READ;
    } else if (operation instanceof Operation.Batch) {
      return BATCH;
    } else if (operation instanceof Operation.Put) {
      return PUT;
    } else if (operation instanceof Operation.Delete) {
      return DELETE;
    } else if (operation instanceof Operation.Ask ask) {
      return ask.query().limit() == 0 ? COUNT : QUERY;
    } else if (operation instanceof Operation.Ping) {
      return PING;
    } else if (operation instanceof Operation.Subscribe) {
      return SUBSCRIBE;
    } else if (operation instanceof Operation.Unsubscribe) {
      return UNSUBSCRIBE;
    } else if (operation instanceof Operation.Hello) {
      return HELLO;
    } else if (operation instanceof Operation.Auth) {
      return AUTH;
    } else if (operation instanceof Operation.Check) {
      return CHECK;
    }
    return operation instanceof Operation.Unjudged ? JUDGED : MALFORMED;
  }
}
