import { DurableObject } from 'cloudflare:workers';
import type { Card, Member } from '../src/cards';

/** A board as it was: two tables, and a row a write. */
export class Cards extends DurableObject {
  #sql = this.ctx.storage.sql;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS cards (
      id INTEGER PRIMARY KEY, title TEXT NOT NULL, points REAL, done INTEGER NOT NULL, labels TEXT NOT NULL)`);
    this.#sql.exec('CREATE TABLE IF NOT EXISTS members (email TEXT PRIMARY KEY, name TEXT NOT NULL)');
  }

  add(id: number, { title, points, done, labels }: Card) {
    const values = [id, title, points ?? null, Number(done), JSON.stringify(labels)];
    this.#sql.exec('INSERT OR REPLACE INTO cards VALUES (?, ?, ?, ?, ?)', ...values);
  }

  remove(id: number) {
    this.#sql.exec('DELETE FROM cards WHERE id = ?', id);
  }

  invite(email: string, { name }: Member) {
    this.#sql.exec('INSERT OR REPLACE INTO members VALUES (?, ?)', email, name);
  }

  all() {
    return {
      cards: this.#sql.exec('SELECT * FROM cards ORDER BY id').toArray(),
      members: this.#sql.exec('SELECT * FROM members ORDER BY email').toArray(),
    };
  }
}
