package dev.unifiedstorage.emulator.http;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.JWSKeySelector;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import dev.unifiedstorage.access.AccessSettings;
import dev.unifiedstorage.port.TokenVerifier;
import java.net.MalformedURLException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.text.ParseException;
import java.util.List;
import java.util.Set;

/**
 * Checks signatures by a secret, or by the keys that a URL serves; it answers before it returns,
 * and may fetch the keys first.
 *
 * <p>A secret signs with HS256 and nothing else; public keys with what is asymmetric, so that a key
 * which everyone can read is never taken for a secret.
 */
public final class JwtVerifier implements TokenVerifier {
  private static final Set<JWSAlgorithm> PUBLIC_KEYS =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512,
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.ES512);

  private final byte[] secret;
  private final JWSKeySelector<SecurityContext> keys;

  private JwtVerifier(byte[] secret, JWSKeySelector<SecurityContext> keys) {
    this.secret = secret;
    this.keys = keys;
  }

  /**
   * Null where no tokens are taken.
   *
   * @throws IllegalArgumentException when AUTH_JWKS_URL is no URL
   */
  public static JwtVerifier of(AccessSettings settings) {
    if (settings.jwtSecret() != null) {
      return new JwtVerifier(settings.jwtSecret().getBytes(StandardCharsets.UTF_8), null);
    }
    if (settings.jwksUrl() == null) {
      return null;
    }
    try {
      var source = JWKSourceBuilder.create(URI.create(settings.jwksUrl()).toURL()).build();
      return new JwtVerifier(null, new JWSVerificationKeySelector<>(PUBLIC_KEYS, source));
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException("AUTH_JWKS_URL: " + e.getMessage(), e);
    }
  }

  /** Whether a check may take as long as a request to another server. */
  public boolean mayWait() {
    return keys != null;
  }

  @Override
  public void verify(String token, Verified then) {
    String claims;
    try {
      claims = claims(token);
    } catch (RateLimitReachedException e) {
      // The keys were fetched a moment ago, and the one that is named was not among them.
      claims = null;
    } catch (KeySourceException e) {
      then.unavailable(e.getMessage());
      return;
    } catch (JOSEException | ParseException | RuntimeException e) {
      claims = null;
    }
    if (claims == null) {
      then.refused();
    } else {
      then.claims(claims);
    }
  }

  private String claims(String token) throws JOSEException, ParseException {
    JWSObject signed = JWSObject.parse(token);
    if (secret != null) {
      boolean right =
          JWSAlgorithm.HS256.equals(signed.getHeader().getAlgorithm())
              && signed.verify(new MACVerifier(secret));
      return right ? signed.getPayload().toString() : null;
    }
    if (!PUBLIC_KEYS.contains(signed.getHeader().getAlgorithm())) {
      return null;
    }
    List<? extends Key> candidates = keys.selectJWSKeys(signed.getHeader(), null);
    for (Key key : candidates) {
      JWSVerifier verifier =
          new DefaultJWSVerifierFactory().createJWSVerifier(signed.getHeader(), key);
      if (signed.verify(verifier)) {
        return signed.getPayload().toString();
      }
    }
    return null;
  }
}
