// The ceiling of the transport: parse and reply, and nothing else.

import worker, { SocketObject } from './socket-object.js';

export class Store extends SocketObject {
  answer(ws, { type, id, operations }) {
    if (type === 'read') ws.send(JSON.stringify({ id, status: 'ok', things: {} }));
    else if (type === 'batch')
      ws.send(JSON.stringify({ id, status: 'ack', results: operations.map(() => written) }));
    else ws.send(JSON.stringify({ id, status: 'ack', ...written }));
  }
}

const written = { $id: 'echo', $version: 1 };

export default worker;
