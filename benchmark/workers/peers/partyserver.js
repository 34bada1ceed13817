// A server of partyserver's, hibernating, which leaves storage to the platform: a row a thing by
// `ctx.storage.sql`, as its README has it.

import { Server, getServerByName } from 'partyserver';
import { reply, routed } from './protocol.js';
import { sqlThings } from './sql-things.js';

export class Store extends Server {
  static options = { hibernate: true };

  onStart() {
    this.things = sqlThings(this.ctx.storage.sql);
  }

  onMessage(connection, text) {
    connection.send(JSON.stringify(reply(this.things, JSON.parse(text))));
  }
}

export default routed(getServerByName);
