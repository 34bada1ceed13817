// An agent that keeps a row a thing with its own `sql`, as the package's docs/agent-class.md has it.
//
// Its clients are not the package's, so that they are sent no protocol messages
// (docs/http-websockets.md).

import { Agent, getAgentByName } from 'agents';
import { reply, routed, thingOf } from './protocol.js';

export class Store extends Agent {
  onStart() {
    this.sql`CREATE TABLE IF NOT EXISTS things (id TEXT PRIMARY KEY, type TEXT NOT NULL,
      version INTEGER NOT NULL, data TEXT NOT NULL, created_at INTEGER, updated_at INTEGER)`;
  }

  shouldSendProtocolMessages() {
    return false;
  }

  onMessage(connection, text) {
    connection.send(JSON.stringify(reply(this.#things, JSON.parse(text))));
  }

  #things = {
    insert: (id, type, fields, now) => {
      this.sql`INSERT INTO things (id, type, version, data, created_at, updated_at)
        VALUES (${id}, ${type}, 1, ${JSON.stringify(fields)}, ${now}, ${now}) ON CONFLICT DO NOTHING`;
    },
    update: (id, fields, now) => {
      const [{ version }] = this.sql`UPDATE things SET version = version + 1,
        data = json_patch(data, ${JSON.stringify(fields)}), updated_at = ${now}
        WHERE id = ${id} RETURNING version`;
      return version;
    },
    remove: (id) => {
      this.sql`DELETE FROM things WHERE id = ${id}`;
    },
    find: (id) => {
      const [row] = this.sql`SELECT * FROM things WHERE id = ${id}`;
      return row && thingOf(row);
    },
  };
}

export default routed(getAgentByName);
