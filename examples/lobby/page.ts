import './page.css';
import { connect, type Operation, type StoreError, type Thing } from '@unified-storage/client';

type Player = { name: string; table: string | null };
type Table = { x: string; o: string | null; cells: string; next: 'x' | 'o'; winner: string | null };
/** What a move asks for; the server makes the board of it. */
type Move = { cell: number; by: string };
type Types = { Player: Player; Table: Table & Partial<Move> };

const store = connect<Types>({ url: `${location.origin.replace('http', 'ws')}/stores/lobby` });
const players = store.live({ $type: 'Player', orderBy: ['name'] });
const tables = store.live({ $type: 'Table', orderBy: ['$createdAt'] });

const app = document.getElementById('app') as HTMLElement;
app.innerHTML = `<h1>Lobby</h1><p id="said" role="status"></p><form id="enter">
  <label>Your name <input id="name" maxlength="20" autocomplete="off"></label><button>Enter</button></form>
  <main><section aria-label="Tables"><h2>Tables</h2><button id="open">Open a table</button><ul id="tables"></ul></section>
  <section aria-label="Players"><h2>Players</h2><ul id="players"></ul></section>
  <section aria-label="Game" id="game"><h2 id="turn"></h2><div id="board"></div><button id="leave">Leave</button></section></main>`;
const element = (id: string) => document.getElementById(id) as HTMLElement;

let me = sessionStorage.getItem('me') ?? '';

/** Does it, and says why not when the store refuses. */
async function attempt(what: Promise<unknown>) {
  element('said').textContent = '';
  try {
    await what;
  } catch (cause) {
    const { code, message } = cause as StoreError;
    element('said').textContent =
      code === 'CONFLICT' || code === 'BATCH_FAILED' ? 'Somebody was faster: look again.' : message;
  }
}

async function enter(name: string) {
  try {
    await store.put('Player', `player:${name.toLowerCase()}`, { name, table: null }, { ifVersion: 0 });
  } catch (cause) {
    const { code, message } = cause as StoreError;
    element('said').textContent = code === 'CONFLICT' ? `The name ${name} is taken.` : message;
    return;
  }
  me = `player:${name.toLowerCase()}`;
  sessionStorage.setItem('me', me);
  show();
}

function open() {
  const $id = `table:${crypto.randomUUID()}`;
  const { $version } = players.things.get(me) as Thing<Player>;
  const operations: Operation[] = [
    { type: 'put', $type: 'Table', $id, data: { x: me } },
    { type: 'update', $id: me, ifVersion: $version, data: { table: $id } },
  ];
  return store.batch(operations, { atomic: true });
}

/** All or nothing: the table is as I saw it, I sit at no other, and who opened it still sits there. */
function join(table: Thing<Table>) {
  const { $version } = players.things.get(me) as Thing<Player>;
  const host = players.things.get(table.x) as Thing<Player>;
  const operations: Operation[] = [
    { type: 'check', $id: table.x, ifVersion: host.$version },
    { type: 'update', $id: table.$id, ifVersion: table.$version, data: { o: me } },
    { type: 'update', $id: me, ifVersion: $version, data: { table: table.$id } },
  ];
  return store.batch(operations, { atomic: true });
}

function leave() {
  const { $version } = players.things.get(me) as Thing<Player>;
  return store.update<'Player'>(me, { ifVersion: $version, data: { table: null } });
}

function mark(table: Thing<Table>, cell: number) {
  return store.update<'Table'>(table.$id, { ifVersion: table.$version, data: { cell, by: me } });
}

const nameOf = (player: string | null) => (player && players.things.get(player)?.name) ?? 'nobody';

function button(text: string, label: string, enabled: boolean, press: () => Promise<unknown>) {
  const made = document.createElement('button');
  made.textContent = text;
  made.ariaLabel = label;
  made.disabled = !enabled;
  made.onclick = () => attempt(press());
  return made;
}

function item(text: string, ...more: HTMLElement[]) {
  const made = document.createElement('li');
  made.append(`${text} `, ...more);
  return made;
}

function show() {
  const self = players.things.get(me);
  const game = self?.table ? tables.things.get(self.table) : undefined;
  element('enter').hidden = self !== undefined;
  element('game').hidden = game === undefined;
  (element('open') as HTMLButtonElement).disabled = self === undefined || game !== undefined;
  element('players').replaceChildren(
    ...players.items.map(({ name, table }) => item(table === null ? name : `${name} (playing)`)),
  );
  element('tables').replaceChildren(
    ...tables.items.map((table) => {
      const waits = table.o === null && players.things.get(table.x)?.table === table.$id;
      const free = waits && self !== undefined && game === undefined;
      const host = nameOf(table.x);
      return item(
        `${host} and ${nameOf(table.o)}`,
        button('Join', `Join ${host}`, free, () => join(table)),
      );
    }),
  );
  if (game !== undefined) showGame(game);
}

function showGame(game: Thing<Table>) {
  const mine = game[game.next] === me && game.o !== null && game.winner === null;
  const turn =
    game.o === null ? 'Waiting for somebody' : mine ? 'Your turn' : `${nameOf(game[game.next])}'s turn`;
  const won = game.winner === 'nobody' ? 'Nobody wins' : `${nameOf(game[game.winner as 'x' | 'o'])} wins`;
  element('turn').textContent = game.winner === null ? turn : won;
  element('board').replaceChildren(
    ...[...game.cells].map((cell, at) =>
      button(cell === '.' ? '' : cell, `Cell ${at + 1}`, mine && cell === '.', () => mark(game, at)),
    ),
  );
}

element('enter').onsubmit = (event) => {
  event.preventDefault();
  void enter((element('name') as HTMLInputElement).value.trim());
};
element('open').onclick = () => attempt(open());
element('leave').onclick = () => attempt(leave());
players.subscribe(show);
tables.subscribe(show);
show();
