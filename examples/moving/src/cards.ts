import { MovedStore, type Old, rowsOf } from './moved-store';

export type Card = { title: string; points?: number; done: boolean; labels: string[] };
export type Member = { name: string };

/** The board: a store, which takes over what its two tables have. */
export class Cards extends MovedStore<{ Card: Card; Member: Member }> {
  constructor(ctx: DurableObjectState, env: object) {
    super(ctx, env, ['cards', 'members'], things);
  }
}

/** What each row becomes. An id is the store's, not a table's: the type stands in front of it. */
function* things(sql: SqlStorage): Generator<Old> {
  for (const { id, title, points, done, labels } of rowsOf(sql, 'cards')) {
    const card = { title, points: points ?? undefined, done: done === 1, labels: JSON.parse(String(labels)) };
    yield { $type: 'Card', $id: `card:${id}`, ...card };
  }
  for (const { email, name } of rowsOf(sql, 'members')) {
    yield { $type: 'Member', $id: `member:${email}`, name };
  }
}
