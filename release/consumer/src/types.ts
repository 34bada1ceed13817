// What the types promise to somebody who has only the packages; nothing here is run.

import type { Row } from '@unified-storage/iceberg-reader';
import type { ArchivedEvent, IcebergReader, UnifiedStoreObject } from '@unified-storage/worker';
import { InMemoryStateManager } from '@unified-storage/worker/components';
import type { ArchiveReader } from '@unified-storage/iceberg-reader';
import type { Board, Card } from './index';

export async function typed(boards: DurableObjectNamespace<Board>) {
  const board = boards.getByName('demo');
  const { $id } = await board.create('Card', { title: 'Write', column: 'Doing' });
  // @ts-expect-error: no such type
  await board.create('User', { title: 'Write', column: 'Doing' });
  // @ts-expect-error: a title is missing
  await board.create('Card', { column: 'Doing' });
  // @ts-expect-error: no such column
  await board.update($id, { data: { column: 'Later' } });
  const things = await board.read([$id]);
  const column: Card['column'] = things[$id].column;
  const [result] = await board.batch([{ type: 'delete', $id }], { atomic: true });
  return { column, status: result.status, version: things[$id].$version, count: await board.count('Card') };
}

export async function untyped(stores: DurableObjectNamespace<UnifiedStoreObject>) {
  const { things } = await stores.getByName('demo').query({ $type: 'Anything' });
  return things.map(({ $id, name }) => `${$id} ${name}`);
}

export const reader = (archive: ArchiveReader): IcebergReader => archive;
export const row = (event: Row): ArchivedEvent => event;
export const count = new InMemoryStateManager().size;
