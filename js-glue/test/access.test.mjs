// Behind Cloudflare Access, whose part workerd plays itself: `ctx.access` of the program that docs/reference/access.md shows.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Server, Sink, soon } from './harness.mjs';

const HEADER = 'x-who-access-says-it-is';
const SECRET = 'a-secret-of-this-test-that-is-long-enough';
const PAGE = new URL('../../docs/reference/access.md', import.meta.url);
const PROGRAM = new URL('access-worker.js', import.meta.url);

const through = (user, aud = 'the-audience') => ({
  [HEADER]: JSON.stringify({
    app_aud: aud,
    jwt_claims: user && { user_uuid: user, email: `${user}@example.com` },
  }),
});

describe('a Worker behind Cloudflare Access', () => {
  let sink;
  let server;

  before(async () => {
    sink = await new Sink().start();
    const vars = { AUTH_JWT_SECRET: SECRET, ACCESS_TOKEN: 'the-owners' };
    server = await new Server(sink, {
      config: 'js-glue/test/access.toml',
      vars,
      accessHeader: HEADER,
    }).start();
  });

  after(async () => {
    await server?.stop();
    sink?.stop();
  });

  /** The status of an answer, and the reply or the code of its error. */
  async function ask(namespace, headers, query = '') {
    const body = JSON.stringify({ type: 'put', $type: 'Note', $id: 'n', data: {} });
    const answer = await server.fetch(`/stores/${namespace}/requests${query}`, {
      method: 'POST',
      headers,
      body,
    });
    const text = await answer.text();
    return `${answer.status} ${text.startsWith('{') ? (JSON.parse(text).error?.code ?? JSON.parse(text).status) : text}`;
  }

  it('is the program that the page shows', () => {
    assert.ok(readFileSync(PAGE, 'utf8').includes(`\`\`\`js\n${readFileSync(PROGRAM, 'utf8')}\`\`\``));
  });

  it('knows who asks by ctx.access, and opens their store alone', async () => {
    assert.equal(await ask('user-ann', through('ann')), '200 ack');
    assert.equal(await ask('user-ann', through('bob')), '403 FORBIDDEN');
    assert.equal(await ask('user-bob', through('bob')), '200 ack');
    const checkpoint = await server.fetch('/stores/user-ann/checkpoint', {
      method: 'POST',
      headers: through('ann'),
    });
    assert.equal(checkpoint.status, 403);
  });

  it('refuses what has not come through Access, or through that of another application', async () => {
    const refused = '403 expected Cloudflare Access';
    assert.equal(await ask('user-ann', {}), refused);
    assert.equal(await ask('user-ann', { authorization: 'Bearer the-owners' }), refused);
    assert.equal(await ask('user-ann', through('ann', 'another-audience')), refused);
    // A service has no identity.
    assert.equal(await ask('user-ann', through(undefined)), refused);
  });

  it('takes no token of the client in place of who Access says it is', async () => {
    const headers = { ...through('bob'), authorization: 'Bearer the-owners' };
    assert.equal(await ask('user-ann', headers), '403 FORBIDDEN');
    assert.equal(await ask('user-ann', through('bob'), '?access_token=the-owners'), '403 FORBIDDEN');
  });

  it('opens sockets in the same way', async () => {
    const open = (namespace, headers) => {
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}/stores/${namespace}`, { headers });
      const opened = new Promise((resolve) => {
        socket.onopen = () => resolve(true);
        socket.onerror = () => resolve(false);
      });
      return soon(opened, 'a socket').finally(() => socket.close());
    };
    assert.equal(await open('user-ann', through('ann')), true);
    assert.equal(await open('user-ann', through('bob')), false);
    assert.equal(await open('user-ann', {}), false);
  });
});
