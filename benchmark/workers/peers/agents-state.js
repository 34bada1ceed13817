// An agent that keeps things in its state, as the package's docs/state.md has it: every change is a new
// object, saved as one row of JSON.
//
// Its clients are not the package's, so that they are sent no protocol messages
// (docs/http-websockets.md): a client of the package's gets the whole state after every change.

import { Agent, getAgentByName } from 'agents';
import { reply, routed } from './protocol.js';

export class Store extends Agent {
  initialState = { things: {} };

  /** The things of a batch that is not saved yet. */
  #pending = null;

  shouldSendProtocolMessages() {
    return false;
  }

  onMessage(connection, text) {
    connection.send(JSON.stringify(reply(this.#things, JSON.parse(text))));
  }

  #set(things) {
    if (this.#pending) this.#pending = things;
    else this.setState({ ...this.state, things });
  }

  get #current() {
    return this.#pending ?? this.state.things;
  }

  #things = {
    insert: (id, type, fields, now) => {
      const thing = { $id: id, $type: type, $version: 1, ...fields, $createdAt: now, $updatedAt: now };
      if (this.#pending) this.#pending[id] = thing;
      else this.#set({ ...this.#current, [id]: thing });
    },
    update: (id, fields, now) => {
      const old = this.#current[id];
      const thing = { ...old, ...fields, $version: old.$version + 1, $updatedAt: now };
      this.#set({ ...this.#current, [id]: thing });
      return thing.$version;
    },
    remove: (id) => {
      const { [id]: _, ...rest } = this.#current;
      this.#set(rest);
    },
    find: (id) => this.#current[id],
    together: (write) => {
      this.#pending = { ...this.state.things };
      try {
        const results = write();
        this.setState({ ...this.state, things: this.#pending });
        return results;
      } finally {
        this.#pending = null;
      }
    },
  };
}

export default routed(getAgentByName);
