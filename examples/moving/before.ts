import { Cards as OldCards } from './old/cards';
import { Notes as OldNotes } from './old/notes';
import { Planner as OldPlanner } from './old/planner';
import { Readings as OldReadings } from './old/readings';
import { createMergeableStore } from 'tinybase';
import { createDurableObjectSqlStoragePersister } from 'tinybase/persisters/persister-durable-object-sql-storage';

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

export class Cards extends OldCards {
  fill(count: number) {
    for (const id of numbers(count)) {
      const card = { title: `card "${id}"`, done: id % 3 === 0, labels: id % 2 ? ['odd', 'ü'] : [] };
      this.add(id - 5, id % 5 ? { ...card, points: id / 2 } : card);
      this.invite(`${id}@example.com`, { name: `member ${id}` });
    }
  }
}

export class Planner extends OldPlanner {
  fill(count: number) {
    for (const id of numbers(count)) this.add(`c${id}`, `card ${id}`, id);
    this.schedule(3600, 'all');
  }
}

export class Notes extends OldNotes {
  async fill(count: number) {
    this.store.setValues({ open: true, theme: 'dark' });
    for (const id of numbers(count)) {
      this.store.setRow('notes', `n${id}`, {
        text: `note ${id}`,
        tags: [`t${id % 3}`],
        pinned: id === 1,
        at: id / 4,
      });
      this.store.addRow('people', { name: `person ${id}` });
    }
    this.store.delRow('notes', 'n2');
    this.store.delCell('notes', 'n3', 'at');
    this.store.setTable('gone', { g: { a: 1 } }).delTable('gone');
    await this.persister.save();
  }

  all() {
    return JSON.parse(this.store.getJson());
  }
}

export class JsonNotes extends Notes {
  createPersister() {
    this.store = createMergeableStore();
    this.persister = createDurableObjectSqlStoragePersister(this.store, this.ctx.storage.sql);
    return this.persister;
  }
}

export class Readings extends OldReadings {
  /** Checkpoints as they follow on each other: few dirty things and many, and again few that are newer. */
  fill(count: number) {
    const reading = (id: number, $version: number) => ({
      $id: `sensor_${id}`,
      $type: 'Reading',
      $version,
      value: id / $version,
      $updatedAt: id,
    });
    this.checkpoint(
      numbers(3).map((id) => reading(id, 1)),
      50,
    );
    this.checkpoint(
      numbers(count).map((id) => reading(id, 2)),
      50,
    );
    this.checkpoint([reading(0, 3), { $id: 'home', $type: 'Place', $version: 1, name: 'Home' }], 50);
    const { sql } = this.ctx.storage;
    const array = JSON.stringify([{ $id: 'away', $type: 'Place', $version: 4, name: 'Away' }]);
    sql.exec("INSERT INTO collections VALUES ('Place', ?, 0)", array);
    sql.exec("INSERT INTO things VALUES ('sensor_1', 'Reading', ?, 0)", JSON.stringify(reading(1, 9)));
  }
}

/** `/{binding}/{name}/{method}` calls a method, with the arguments in the body. */
export default {
  async fetch(request: Request, env: Record<string, DurableObjectNamespace>) {
    const [, binding, name, method] = new URL(request.url).pathname.split('/');
    const stub = env[binding].getByName(name) as unknown as Record<string, (...args: unknown[]) => unknown>;
    const answer = await stub[method](...(await request.json<unknown[]>()));
    return Response.json(answer ?? null);
  },
};
