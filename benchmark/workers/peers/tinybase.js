// TinyBase's server object with its persister for an object's SQLite, as its guide has it, fragmented,
// because the other mode ends at a row of 2 MB.
//
// Its clients are not TinyBase's: their sockets are accepted beside those that it synchronizes, so that no
// change is sent to anybody. A reply waits for the save of its change.

import { createMergeableStore } from 'tinybase';
import { createDurableObjectSqlStoragePersister } from 'tinybase/persisters/persister-durable-object-sql-storage';
import { WsServerDurableObject } from 'tinybase/synchronizers/synchronizer-ws-server-durable-object';
import worker from '../socket-object.js';
import { reply } from './protocol.js';

export class Store extends WsServerDurableObject {
  #problem = null;

  createPersister() {
    this.persister = createDurableObjectSqlStoragePersister(
      createMergeableStore(),
      this.ctx.storage.sql,
      { mode: 'fragmented' },
      undefined,
      (problem) => (this.#problem = problem),
    );
    return this.persister;
  }

  fetch() {
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    server.addEventListener('message', ({ data }) => this.#answer(server, JSON.parse(data)));
    return new Response(null, { status: 101, webSocket: client });
  }

  async #answer(ws, message) {
    const answer = reply(this.#things, message);
    // What the change has made to be saved is done before this.
    if (message.type !== 'read') await this.persister.schedule(async () => {});
    const error = this.#problem && {
      id: message.id,
      status: 'error',
      code: 'FAILED',
      error: `${this.#problem}`,
    };
    ws.send(JSON.stringify(error ?? answer));
  }

  get #store() {
    return this.persister.getStore();
  }

  #things = {
    insert: (id, type, fields, now) => {
      this.#store.setRow('things', id, { type, version: 1, ...fields, createdAt: now, updatedAt: now });
    },
    update: (id, fields, now) => {
      const version = this.#store.getCell('things', id, 'version') + 1;
      this.#store.setPartialRow('things', id, { ...fields, version, updatedAt: now });
      return version;
    },
    remove: (id) => {
      this.#store.delRow('things', id);
    },
    find: (id) => {
      if (!this.#store.hasRow('things', id)) return undefined;
      const { type, version, createdAt, updatedAt, ...fields } = this.#store.getRow('things', id);
      const system = { $id: id, $type: type, $version: version };
      return { ...system, ...fields, $createdAt: createdAt, $updatedAt: updatedAt };
    },
    together: (write) => this.#store.transaction(write),
  };
}

export default worker;
