import { archive, crash, evict, pipeline, reset, runAlarm } from '@unified-storage/worker/vitest';
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Board } from '../src/index';

beforeEach(reset);

const board = () => env.STORES.getByName('demo');

// In a function, because what an RPC gives is no plain promise: every property of it is a call that can fail.
const title = async ($id: string) => (await board().read([$id]))[$id].title;

test('what was acknowledged is there after a crash within the lag of the archive', async () => {
  archive.stall();
  await board().create('Card', { title: 'Write' }, { id: 'c1' });
  await crash(board());
  await expect(() => title('c1')).rejects.toThrow('RECOVERING');

  archive.resume();
  await vi.waitFor(() => expect(title('c1')).resolves.toBe('Write'), 5_000);
});

test('a write waits for the Pipeline', async () => {
  pipeline.hang();
  const answered = vi.fn();
  const created = board().create('Card', { title: 'Write' }).then(answered);
  await expect(vi.waitFor(() => expect(answered).toHaveBeenCalled(), 300)).rejects.toThrow();

  pipeline.accept();
  await created;
  expect(pipeline.records.at(-1)).toMatchObject({ verb: 'thing.created', payload: { title: 'Write' } });
});

// A store takes it for an outage when the Pipeline has refused for some seconds.
test('in an outage of the Pipeline SQLite keeps what is acknowledged', { timeout: 30_000 }, async () => {
  await board().create('Card', { title: 'Write' }, { id: 'c1' });
  pipeline.reject();
  await board().update('c1', { data: { title: 'Read' } });
  await crash(board());
  await expect(title('c1')).resolves.toBe('Read');

  pipeline.accept();
  const verbs = () => pipeline.records.map(({ verb }) => verb);
  await vi.waitFor(() => expect(verbs()).toContain('thing.updated'), 10_000);
});

test('an object that left the memory is back with everything, from SQLite alone', async () => {
  await board().create('Card', { title: 'Write' }, { id: 'c1' });
  await evict(board());
  archive.stall();
  await expect(title('c1')).resolves.toBe('Write');
});

test('an alarm saves what is dirty', async () => {
  await board().create('Card', { title: 'Write' });
  expect(await runAlarm(board())).toBe(true);
  const dirty = await runInDurableObject(board(), async (store: Board) => {
    const stats = await store.fetch(new Request('http://object/stats'));
    return (await stats.json<{ dirty: number }>()).dirty;
  });
  expect(dirty).toBe(0);
});
