package dev.unifiedstorage.protocol;

/** What came in one piece: a {@link Request}, a frame of several, or neither. */
public sealed interface Message permits Request, Message.Frame, Message.Unreadable {

  /**
   * Several requests, each to be answered as if it had come alone.
   *
   * @param requests at least one
   */
  record Frame(java.util.List<Request> requests) implements Message {}

  /** No request at all, so that there is nothing to carry out and no id to echo. */
  record Unreadable(Refusal refusal) implements Message {}
}
