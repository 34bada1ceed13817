const text = new TextEncoder();

/**
 * Whether a request may see the stores: it has the secret ACCESS_TOKEN, or there is no secret and
 * PUBLIC says that everybody may.
 *
 * @param {Request} request
 * @param {import('./index.js').Env} env
 */
export async function isAllowed(request, env) {
  if (!env.ACCESS_TOKEN) {
    return String(env.PUBLIC) === 'true';
  }
  const given = bearer(request) ?? new URL(request.url).searchParams.get('access_token') ?? '';
  // Digests have one length, so that not even the token's length can be measured.
  const [a, b] = await Promise.all([digest(given), digest(env.ACCESS_TOKEN)]);
  return crypto.subtle.timingSafeEqual(a, b);
}

/** @param {Request} request */
function bearer(request) {
  return /^Bearer +(.+)$/i.exec(request.headers.get('Authorization') ?? '')?.[1];
}

/** @param {string} value */
function digest(value) {
  return crypto.subtle.digest('SHA-256', text.encode(value));
}
