// The ceiling for a store: what remains when everything is left out that keeps data.
//
// JSON.parse, a Map, one batched send() in flight, the ack after it resolved. No checkpoint, no
// recovery, no limits, no errors, no epochs, and reads that do not wait for what they show.

import worker, { SocketObject } from './socket-object.js';

export class Store extends SocketObject {
  #things = new Map();
  #events = [];
  #replies = [];
  #sending = false;
  #seq = 0;

  answer(ws, message) {
    if (message.type === 'read') {
      const things = {};
      for (const id of message.$ids) {
        const thing = this.#things.get(id);
        if (thing) things[id] = thing;
      }
      ws.send(JSON.stringify({ id: message.id, status: 'ok', things }));
      return;
    }
    const reply =
      message.type === 'batch'
        ? { id: message.id, status: 'ack', results: message.operations.map((one) => this.#write(one)) }
        : { id: message.id, status: 'ack', ...this.#write(message) };
    this.#replies.push([this.#seq, ws, JSON.stringify(reply)]);
    if (!this.#sending) this.#pump();
  }

  #write({ type, $type, $id, data }) {
    const now = Date.now();
    if (type === 'delete') {
      this.#things.delete($id);
      this.#emit('deleted', { $id, $deletedAt: now }, $id, undefined, undefined, now);
      return {};
    }
    const id = $id ?? data.$id ?? `${$type.toLowerCase()}_${crypto.randomUUID()}`;
    const old = this.#things.get(id);
    const version = old ? old.$version + 1 : 1;
    const system = { $id: id, $type: old?.$type ?? $type, $version: version };
    const times = { $createdAt: old?.$createdAt ?? now, $updatedAt: now };
    const thing = { ...system, ...old, ...data, ...system, ...times };
    this.#things.set(id, thing);
    if (type === 'create') {
      this.#emit('created', thing, id, thing.$type, version, now);
    } else {
      const changes = { $id: id, ...data, $version: version, $updatedAt: now };
      this.#emit('updated', changes, id, thing.$type, version, now);
    }
    return { $id: id, $version: version };
  }

  #emit(operation, payload, entityId, entityType, version, now) {
    const seq = ++this.#seq;
    this.#events.push({
      verb: `thing.${operation}`,
      store: 'things',
      payload,
      timestamp: new Date(now).toISOString(),
      idempotencyKey: `${entityId}:${operation}:${now}:1.${seq}`,
      _meta: { namespace: 'benchmark' },
      ns: 'benchmark',
      epoch: 1,
      seq,
      entityId,
      entityType,
      version,
      ts: now,
    });
  }

  async #pump() {
    this.#sending = true;
    while (this.#events.length > 0) {
      const batch = this.#events.splice(0, 1000);
      await this.env.EVENTS.send(batch);
      const durable = batch[batch.length - 1].seq;
      while (this.#replies.length > 0 && this.#replies[0][0] <= durable) {
        const [, ws, text] = this.#replies.shift();
        ws.send(text);
      }
    }
    this.#sending = false;
  }
}

export default worker;
