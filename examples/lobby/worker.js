import { StoreError, UnifiedStoreObject } from '@unified-storage/worker';

export { default } from '@unified-storage/worker';

const NAME = /^[\p{L}\p{N}][\p{L}\p{N} _-]{0,19}$/u;
const LINES = ['012', '345', '678', '036', '147', '258', '048', '246'];

/**
 * A lobby and its games of noughts and crosses, in one store.
 *
 * Clients ask for what they want; `onWrite` decides, before anything is applied, whether it is
 * allowed and what it comes to. `get` shows the last durable version, and with `ifVersion` the store
 * refuses the write if that is not the newest.
 */
export class Lobby extends UnifiedStoreObject {
  onWrite(operation) {
    const rule = RULES[`${operation.type} ${operation.$type ?? this.get(operation.$id)?.$type}`];
    if (rule === undefined) refuse('NOT_ALLOWED', `nobody may ${operation.type} this`);
    return rule(operation, this.get(operation.$id));
  }
}

const RULES = {
  /** A name is taken by being the first to put the thing that is called so. */
  'put Player'(operation) {
    const { name } = operation.data;
    if (typeof name !== 'string' || !NAME.test(name)) refuse('BAD_NAME', 'a name has 1 to 20 letters');
    if (operation.$id !== `player:${name.toLowerCase()}`) refuse('BAD_NAME', 'the id is not of this name');
    return { ...operation, ifVersion: 0, data: { name, table: null } };
  },

  /** Sits down, or stands up. */
  'update Player'(operation) {
    const { table } = operation.data ?? {};
    if (table !== null && typeof table !== 'string') refuse('NOT_ALLOWED', 'a player only changes tables');
    return only(operation, { table });
  },

  'put Table'(operation) {
    const { x } = operation.data;
    return { ...operation, ifVersion: 0, data: { x, o: null, cells: '.........', next: 'x', winner: null } };
  },

  /** Takes the free seat, or marks a cell: the client names the cell, the rule makes the board. */
  'update Table'(operation, table) {
    const { o, cell, by } = operation.data ?? {};
    if (typeof o === 'string' && table.o === null) return only(operation, { o });
    if (typeof o === 'string') refuse('SEAT_TAKEN', 'somebody sits there');
    if (table.winner !== null) refuse('OVER', 'the game is over');
    if (table.o === null || by !== table[table.next]) refuse('NOT_YOUR_TURN', `it is ${table.next}'s turn`);
    if (!(cell in [...table.cells]) || table.cells[cell] !== '.') refuse('NOT_FREE', 'this cell is not free');
    const cells = table.cells.slice(0, cell) + table.next + table.cells.slice(cell + 1);
    const won = LINES.some((line) => [...line].every((at) => cells[at] === table.next));
    const winner = won ? table.next : cells.includes('.') ? null : 'nobody';
    return only(operation, { cells, next: table.next === 'x' ? 'o' : 'x', winner });
  },

  'delete Table'(operation, table) {
    if (table.winner === null) refuse('NOT_OVER', 'the game is not over');
    return { ...operation, ifVersion: table.$version };
  },
};

/** The operation with this data in place of everything it asked for. */
function only({ type, $id, ifVersion }, data) {
  if (ifVersion === undefined) refuse('NO_VERSION', 'say of which version you speak: ifVersion');
  return { type, $id, ifVersion, data };
}

function refuse(code, message) {
  throw new StoreError(code, message);
}
