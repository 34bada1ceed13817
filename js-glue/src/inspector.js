const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * The page that looks into stores, where its files are among the Worker's assets; null for every other request.
 *
 * Its files are the same for everybody: a browser sends no token when it opens a page. What the page shows, it asks
 * for with the token that a person gives it.
 *
 * @param {Request} request
 * @param {Fetcher} assets
 */
export async function inspector(request, assets) {
  if (!/^\/inspector(\/|$)/.test(new URL(request.url).pathname)) return null;
  // Neither the token of an address nor anything else that a client says is for the assets.
  const found = await assets.fetch(new Request(request.url, { method: request.method }));
  if (found.status === 404) return null;
  const page = new Response(found.body, found);
  page.headers.set('content-security-policy', POLICY);
  page.headers.set('x-content-type-options', 'nosniff');
  page.headers.set('referrer-policy', 'no-referrer');
  return page;
}
