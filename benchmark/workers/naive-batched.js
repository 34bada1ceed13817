// One step cleverer than a row a write: what came within 10 ms becomes one row, then is acked.
//
// Things are in a Map, rows are an append-only log that is never compacted and that no start reads back. No
// events, no limits, no errors, and reads that do not wait for what they show.

import worker, { SocketObject } from './socket-object.js';

const WINDOW_MS = 10;

export class Store extends SocketObject {
  #things = new Map();
  #changed = [];
  #replies = [];

  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS log (n INTEGER PRIMARY KEY, body TEXT NOT NULL)');
  }

  answer(ws, message) {
    const { id, type } = message;
    if (type === 'read') {
      const things = {};
      for (const one of message.$ids) {
        if (this.#things.has(one)) things[one] = this.#things.get(one);
      }
      ws.send(JSON.stringify({ id, status: 'ok', things }));
      return;
    }
    const reply =
      type === 'batch'
        ? { id, status: 'ack', results: message.operations.map((one) => this.#write(one)) }
        : { id, status: 'ack', ...this.#write(message) };
    if (this.#replies.length === 0) setTimeout(() => this.#commit(), WINDOW_MS);
    this.#replies.push([ws, JSON.stringify(reply)]);
  }

  #write({ type, $type, $id, data }) {
    if (type === 'delete') {
      this.#things.delete($id);
      this.#changed.push({ $id });
      return {};
    }
    const now = Date.now();
    const id = $id ?? data.$id ?? `${$type.toLowerCase()}_${crypto.randomUUID()}`;
    const old = this.#things.get(id);
    const system = { $id: id, $type: old?.$type ?? $type, $version: (old?.$version ?? 0) + 1 };
    const times = { $createdAt: old?.$createdAt ?? now, $updatedAt: now };
    const thing = { ...system, ...old, ...data, ...system, ...times };
    this.#things.set(id, thing);
    this.#changed.push(thing);
    return { $id: id, $version: thing.$version };
  }

  #commit() {
    const body = JSON.stringify(this.#changed);
    this.#changed = [];
    // A row holds 2 MB at most.
    for (let from = 0; from < body.length; from += 1_000_000) {
      this.ctx.storage.sql.exec('INSERT INTO log (body) VALUES (?)', body.slice(from, from + 1_000_000));
    }
    const replies = this.#replies;
    this.#replies = [];
    for (const [ws, text] of replies) ws.send(text);
  }
}

export default worker;
