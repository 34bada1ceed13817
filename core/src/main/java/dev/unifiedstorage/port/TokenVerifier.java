package dev.unifiedstorage.port;

/**
 * Checks the signature of a JSON Web Token, and nothing else: what its claims mean is the core's.
 *
 * <p>Only the algorithms of the keys that were set up count: a token that names another one, or
 * none, is refused.
 */
public interface TokenVerifier {
  /** Says once, now or later, what a token is. */
  void verify(String token, Verified then);

  /** Receives the end of one check; one of its methods is called, once. */
  interface Verified {
    /** The signature is right; the claims are JSON text, whatever they are. */
    void claims(String text);

    /** It is no token that these keys have signed. */
    void refused();

    /** The keys could not be had. */
    void unavailable(String error);
  }
}
