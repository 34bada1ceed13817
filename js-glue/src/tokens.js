import { createRemoteJWKSet } from 'jose/jwks/remote';
import { compactVerify } from 'jose/jws/compact/verify';

/** @import { Tokens as Port } from './core.js' */

/** Signed by a key of the set that AUTH_JWKS_URL serves: never by one that is secret. */
const PUBLIC_KEYS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'];

/** Says that there is no such key, or that the token is no such token; all else is about the set. */
const REFUSALS = [
  'ERR_JWS_INVALID',
  'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
  'ERR_JWKS_NO_MATCHING_KEY',
  'ERR_JWKS_MULTIPLE_MATCHING_KEYS',
  'ERR_JOSE_ALG_NOT_ALLOWED',
  'ERR_JOSE_NOT_SUPPORTED',
];

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The last one made: the keys of a set are fetched once and not for every request. */
let last = { setup: '', tokens: /** @type {Tokens | null} */ (null) };

/**
 * Checks signatures of JSON Web Tokens; what their claims mean is the core's.
 *
 * @implements {Port}
 */
export class Tokens {
  #key;
  #algorithms;

  /**
   * @param {string | undefined} secret
   * @param {string | undefined} jwksUrl
   */
  constructor(secret, jwksUrl) {
    this.#key = secret ? new TextEncoder().encode(secret) : createRemoteJWKSet(new URL(String(jwksUrl)));
    this.#algorithms = secret ? ['HS256'] : PUBLIC_KEYS;
  }

  /**
   * Null where no tokens are taken.
   *
   * @param {{ AUTH_JWT_SECRET?: string, AUTH_JWKS_URL?: string }} env
   */
  static from({ AUTH_JWT_SECRET: secret, AUTH_JWKS_URL: jwksUrl }) {
    const setup = JSON.stringify([secret, jwksUrl]);
    if (last.setup !== setup) {
      last = { setup, tokens: secret || jwksUrl ? new Tokens(secret, jwksUrl) : null };
    }
    return last.tokens;
  }

  /** @type {Port['verify']} */
  verify(token, ended) {
    this.#claims(token)
      .then(
        (claims) => ended(claims, null),
        (e) => ended(null, REFUSALS.includes(e?.code) ? null : String(e?.message ?? e)),
      )
      .catch((e) => console.error(`a token's check failed: ${e?.message ?? e}`));
  }

  /** @param {string} token */
  async #claims(token) {
    const options = { algorithms: this.#algorithms };
    // One signature for each kind of key: the library's types tell them apart.
    const { payload } =
      this.#key instanceof Uint8Array
        ? await compactVerify(token, this.#key, options)
        : await compactVerify(token, this.#key, options);
    try {
      return utf8.decode(payload);
    } catch {
      return '';
    }
  }
}
