// What every hand-written object shares: hibernatable sockets, one JSON object a message, and the
// route. How an object answers is its `answer`.

import { DurableObject } from 'cloudflare:workers';

export class SocketObject extends DurableObject {
  fetch() {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(ws, text) {
    this.answer(ws, JSON.parse(text));
  }

  /**
   * @param {WebSocket} _ws
   * @param {any} _message
   */
  answer(_ws, _message) {
    throw new Error('each object has its own');
  }

  webSocketClose() {}
}

export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/health') return new Response('{"status":"ok"}');
    return env.STORES.get(env.STORES.idFromName(pathname)).fetch(request);
  },
};
