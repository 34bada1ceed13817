/**
 * Whether a request asks for a socket; the name of the protocol may be written either way.
 *
 * @param {Request} request
 */
export function isUpgrade(request) {
  return request.headers.get('Upgrade')?.toLowerCase() === 'websocket';
}
