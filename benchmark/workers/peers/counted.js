// A Worker like another, whose storage counts the rows that it writes: GET /rows says how many.
//
// An object and its Worker share an isolate here, so that one number is enough. A put or a delete of a
// key, and an alarm, are a row each, as they are billed. A value larger than the platform documents is
// refused: workerd by itself takes larger ones.

import worker, { Store as Other } from '#counted';

const MAX_VALUE_BYTES = 2 * 2 ** 20;

let rows = 0;
let last = null;

function settled() {
  rows += last?.rowsWritten ?? 0;
  last = null;
}

function counting(storage) {
  const { sql, kv } = storage;
  const exec = sql.exec;
  sql.exec = (...args) => {
    // A cursor knows what it has written when it has been read, which is before the next statement.
    settled();
    for (const value of args) {
      if (value?.length > MAX_VALUE_BYTES) throw new Error('string or blob too big: SQLITE_TOOBIG');
    }
    last = exec.apply(sql, args);
    return last;
  };
  for (const [owner, name] of [
    [kv, 'put'],
    [kv, 'delete'],
    [storage, 'put'],
    [storage, 'delete'],
    [storage, 'setAlarm'],
  ]) {
    const original = owner[name];
    owner[name] = (...args) => {
      rows += 1;
      return original.apply(owner, args);
    };
  }
}

export class Store extends Other {
  constructor(ctx, env) {
    counting(ctx.storage);
    super(ctx, env);
  }
}

export default {
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== '/rows') return worker.fetch(request, env, ctx);
    settled();
    return new Response(String(rows));
  },
};
