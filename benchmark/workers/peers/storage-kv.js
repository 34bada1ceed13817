// A key a thing in the platform's synchronous key-value storage.

import worker, { SocketObject } from '../socket-object.js';
import { reply } from './protocol.js';

export class Store extends SocketObject {
  answer(ws, message) {
    ws.send(JSON.stringify(reply(this.#things, message)));
  }

  /** @returns {any} */
  #get(id) {
    return this.ctx.storage.kv.get(id);
  }

  #things = {
    insert: (id, type, fields, now) => {
      const thing = { $id: id, $type: type, $version: 1, ...fields, $createdAt: now, $updatedAt: now };
      this.ctx.storage.kv.put(id, thing);
    },
    update: (id, fields, now) => {
      const old = this.#get(id);
      const thing = { ...old, ...fields, $version: old.$version + 1, $updatedAt: now };
      this.ctx.storage.kv.put(id, thing);
      return thing.$version;
    },
    remove: (id) => {
      this.ctx.storage.kv.delete(id);
    },
    find: (id) => this.#get(id),
  };
}

export default worker;
