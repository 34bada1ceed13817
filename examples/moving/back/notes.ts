import type { Cell, Table, Values } from 'tinybase';
import { Notes } from '../old/notes';
import { thingsOf } from '../src/things-of';

/** The notes as they were, which take what a store has exported: all of it, or nothing. */
export class OldNotes extends Notes {
  async takeBack(things: ReadableStream<Uint8Array>) {
    const tables: Record<string, Table> = {};
    let values: Values = {};
    for await (const { $type, $id, $version, $createdAt, $updatedAt, ...fields } of thingsOf(things)) {
      const cells = fields as Record<string, Cell>;
      if ($type === 'Values') values = cells;
      else (tables[$type] ??= {})[$id.slice($type.length + 1)] = cells;
    }
    this.store.setContent([tables, values]);
    await this.persister.save();
  }
}
