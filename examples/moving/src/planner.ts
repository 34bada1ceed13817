import { has, MovedStore, type Old } from './moved-store';

export type Card = { title: string; points: number; position: number };
export type Board = { title: string };

/** The planner: a store, which takes over the state of the agent that it was. */
export class Planner extends MovedStore<{ Card: Card; Board: Board }> {
  constructor(ctx: DurableObjectState, env: object) {
    super(ctx, env, tablesOfAgents(ctx.storage.sql), things);
  }
}

/** What the state becomes: a thing for each member of its list, so that one may change alone, and one for the rest. */
function* things(sql: SqlStorage): Generator<Old> {
  if (!has(sql, 'cf_agents_state')) return;
  const query = "SELECT state FROM cf_agents_state WHERE id = 'cf_state_row_id'";
  for (const { state } of sql.exec<{ state: string }>(query).toArray()) {
    const { cards, ...board } = JSON.parse(state);
    yield { $type: 'Board', $id: 'board', ...board };
    // Things have no order of their own.
    for (const [position, { id, ...card }] of cards.entries()) {
      yield { $type: 'Card', $id: id, ...card, position };
    }
  }
}

/** All tables that the library has made, with its schedules and its queues. */
function tablesOfAgents(sql: SqlStorage) {
  const query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'cf_agent*'";
  return [...sql.exec<{ name: string }>(query)].map(({ name }) => name);
}
