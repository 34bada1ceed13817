package dev.unifiedstorage.port;

/**
 * The other stores of the same application, as far as one store hands something to another.
 *
 * <p>A text goes to the store of a namespace, which answers with a text. Texts of one sender to one
 * receiver arrive in the order in which they were handed over, each at most once.
 */
public interface Siblings {
  /** Receives the answer; one of its methods is called, once. */
  interface Answer {
    /** The other store has answered. */
    void answered(String text);

    /**
     * The other store could not be asked, or has not answered.
     *
     * @param error why, as a sentence
     */
    void failed(String error);
  }

  /** Hands a text of at most a MiB of characters to the store of a namespace. */
  void tell(String namespace, String text, Answer answer);

  /** Of a host that has one store alone. */
  Siblings NONE = (namespace, text, answer) -> answer.failed("this host knows no other store");
}
