import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { it } from 'node:test';
import { request } from './request.mjs';

it('sends no request on a connection that its server may have left', async () => {
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}');
      // As if it were killed: who comes again on the same connection is not answered.
      socket.once('data', () => socket.destroy());
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${server.address().port}/`;
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(await (await request(url, { method: 'POST' })).json(), {});
    }
  } finally {
    server.close();
  }
});
