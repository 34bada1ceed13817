import 'fake-indexeddb/auto';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indexedDbOutbox } from '../src/index.ts';

test('an outbox in IndexedDB has what was added and not removed, in order', async () => {
  const page = indexedDbOutbox('board');
  assert.equal(await page.open(), null);
  page.begin('s1', [{ n: 1, body: { type: 'create' } }]);
  page.add({ n: 10, body: { type: 'update' } });
  page.add({ n: 2, body: { type: 'delete' } });
  page.remove(1);
  const next = indexedDbOutbox('board');
  page.close();
  const kept = await next.open();
  assert.equal(kept?.session, 's1');
  assert.deepEqual(
    kept?.writes.map(({ n, body }) => [n, body.type]),
    [
      [2, 'delete'],
      [10, 'update'],
    ],
  );
  next.begin('s2', [{ n: 1, body: { type: 'put' } }]);
  next.close();
  const last = indexedDbOutbox('board');
  assert.deepEqual((await last.open())?.session, 's2');
  last.close();
  const other = indexedDbOutbox('another');
  assert.equal(await other.open(), null);
  other.close();
});

test('an outbox of a browser without locks is refused: a second page would clear it', async () => {
  const host = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  Object.assign(globalThis, { isSecureContext: false });
  try {
    await assert.rejects(indexedDbOutbox('plain').open(), /navigator\.locks; .* https and localhost/);
  } finally {
    Reflect.deleteProperty(globalThis, 'isSecureContext');
    Object.defineProperty(globalThis, 'navigator', host as PropertyDescriptor);
  }
});
