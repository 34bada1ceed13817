import { Readings } from '../old/readings';
import { thingsOf } from '../src/things-of';

/** The object of the original, which takes what a store has exported into the table that its recovery reads. */
export class OldReadings extends Readings {
  async takeBack(things: ReadableStream<Uint8Array>) {
    const { sql } = this.ctx.storage;
    await this.ctx.storage.transaction(async () => {
      for await (const thing of thingsOf(things)) {
        const { $id, $type, $updatedAt } = thing;
        const row = [$id, $type, JSON.stringify(thing), $updatedAt];
        sql.exec('INSERT OR REPLACE INTO things (id, type, data, updated_at) VALUES (?, ?, ?, ?)', ...row);
      }
    });
  }
}
