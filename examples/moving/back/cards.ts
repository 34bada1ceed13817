import { Cards } from '../old/cards';
import type { Card, Member } from '../src/cards';
import { thingsOf } from '../src/things-of';

/** The board as it was, which takes what a store has exported: all of it, or nothing. */
export class OldCards extends Cards {
  async takeBack(things: ReadableStream<Uint8Array>) {
    await this.ctx.storage.transaction(async () => {
      for await (const { $type, $id, ...fields } of thingsOf(things)) {
        const id = $id.slice($id.indexOf(':') + 1);
        if ($type === 'Card') this.add(Number(id), fields as unknown as Card);
        else if ($type === 'Member') this.invite(id, fields as unknown as Member);
        else throw new Error(`no table takes a ${$type}`);
      }
    });
  }
}
