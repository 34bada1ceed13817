package dev.unifiedstorage.worker;

import dev.unifiedstorage.port.TokenVerifier;

/** The host's check of signatures. */
final class HostVerifier implements TokenVerifier {
  private final Tokens tokens;

  HostVerifier(Tokens tokens) {
    this.tokens = tokens;
  }

  @Override
  public void verify(String token, Verified then) {
    tokens.verify(
        token,
        (claims, error) -> {
          if (claims != null) {
            then.claims(claims);
          } else if (error != null) {
            then.unavailable(error);
          } else {
            then.refused();
          }
        });
  }
}
