/**
 * A request of HTTP on a connection of its own: servers are killed and started again at the same
 * port, and close what has been idle, and a request on a kept connection would find no server there.
 */
export function request(url, init = {}) {
  return fetch(url, { ...init, headers: { ...init.headers, connection: 'close' } });
}
