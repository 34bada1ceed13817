import { useRef, useState } from 'preact/hooks';
import { json, open, type Stats, stats } from './api.ts';
import { Action, bytes, dollars, integer, Panel, time, usePolled } from './ui.tsx';

interface Listed {
  namespace: string;
  createdAt: number;
}

/** So many stores are asked for their figures; each question wakes one. */
const MOST_ASKED = 20;
/** So many names are read, for the newest may be anywhere among them; the newest of them are shown. */
const MOST_LISTED = 10_000;
const PAGE = 1_000;
const SHOWN = 100;
/** A rate over a shorter time says more about the moment than about a day. */
const SHORTEST_MS = 4_000;
const SAMPLE = 'sample';
const DAY_MS = 86_400_000;

/** The stores there are, newest first, and how to make the first one. */
export function Stores() {
  const [prefix, setPrefix] = useState('');
  const [shown, setShown] = useState(SHOWN);
  const listed = usePolled(() => list(prefix), 5_000, [prefix]);
  const found = { error: listed.error, value: listed.value?.stores };
  const aDay = useRates();
  const figures = usePolled(
    async () => {
      const asked = (found.value ?? []).slice(0, MOST_ASKED);
      const all = await Promise.allSettled(asked.map(({ namespace }) => stats(namespace)));
      return new Map(
        asked.map(({ namespace }, i) => {
          const one = all[i];
          return [namespace, one.status === 'fulfilled' ? one.value : null] as const;
        }),
      );
    },
    5_000,
    [
      found.value
        ?.slice(0, MOST_ASKED)
        .map(({ namespace }) => namespace)
        .join(),
    ],
  );
  return (
    <Panel title="Stores">
      <div class="bar">
        <label>
          Name begins with{' '}
          <input
            type="search"
            value={prefix}
            onInput={(event) => {
              setShown(SHOWN);
              setPrefix(event.currentTarget.value);
            }}
          />
        </label>
        <OpenStore />
      </div>
      {found.value?.length === 0 && prefix === '' && (
        <FirstVisit text="No store has been written to yet. A store begins with its first write, for example:" />
      )}
      {found.error && (
        <FirstVisit
          text={`The stores cannot be listed (${found.error}). Open one by its name, or write to it:`}
        />
      )}
      {(found.value?.length ?? 0) > 0 && (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th>Store</th>
                <th>Since</th>
                <th class="n">Things</th>
                <th class="n">In memory</th>
                <th>Durability</th>
                <th>State</th>
                <th class="n">Rows a day</th>
                <th class="n">Dollars a day</th>
              </tr>
            </thead>
            <tbody>
              {found.value?.slice(0, shown).map(({ namespace, createdAt }) => {
                const of = figures.value?.get(namespace);
                return <Row key={namespace} {...{ namespace, createdAt, of }} rate={aDay(namespace, of)} />;
              })}
            </tbody>
          </table>
        </div>
      )}
      {(found.value?.length ?? 0) > 0 && (
        <p class="quiet">
          Rows and dollars go on as they did since you opened this page, in the {MOST_ASKED} newest, which it
          asks.{' '}
          {listed.value?.more && `There are more than ${integer(MOST_LISTED)}: say how the name begins. `}
          {(found.value?.length ?? 0) > shown && (
            <button type="button" onClick={() => setShown(shown + SHOWN)}>
              {`Show more of ${integer(found.value?.length)}`}
            </button>
          )}
        </p>
      )}
    </Panel>
  );
}

/** The stores by name, page by page; the newest first. */
async function list(prefix: string): Promise<{ stores: Listed[]; more: boolean }> {
  const stores: Listed[] = [];
  let cursor: string | undefined;
  do {
    const from = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await json<{ stores: Listed[]; cursor?: string }>(
      'GET',
      `/stores?limit=${PAGE}&prefix=${encodeURIComponent(prefix)}${from}`,
    );
    stores.push(...page.stores);
    cursor = page.cursor;
  } while (cursor !== undefined && stores.length < MOST_LISTED);
  return { stores: stores.sort((a, b) => b.createdAt - a.createdAt), more: cursor !== undefined };
}

interface Rate {
  rows: number;
  dollars: number;
  naiveDollars: number;
}

/** What a store writes in a day, if it goes on as it did since its figures were first seen here. */
function useRates() {
  const seen = useRef(new Map<string, Rate & { bootId: string; at: number }>());
  return (namespace: string, of: Stats | null | undefined): Rate | null => {
    if (!of) return null;
    const { dollars, naiveDollars } = of.cost;
    const now = { bootId: of.bootId, at: Date.now(), rows: of.rowsWritten, dollars, naiveDollars };
    const first = seen.current.get(namespace);
    // Counters begin anew with each instance in memory.
    if (first?.bootId !== of.bootId) {
      seen.current.set(namespace, now);
      return null;
    }
    if (now.at - first.at < SHORTEST_MS) return null;
    const times = DAY_MS / (now.at - first.at);
    return {
      rows: (now.rows - first.rows) * times,
      dollars: (dollars - first.dollars) * times,
      naiveDollars: (naiveDollars - first.naiveDollars) * times,
    };
  };
}

function Row({ namespace, createdAt, of, rate }: Listed & { of?: Stats | null; rate: Rate | null }) {
  return (
    <tr>
      <td>
        <a href={`#/${encodeURIComponent(namespace)}/things`}>{namespace}</a>
      </td>
      <td title={time(createdAt)}>{ago(createdAt)}</td>
      <td class="n">{of ? integer(of.entries) : '–'}</td>
      <td class="n">{of ? bytes(of.estimatedBytes) : '–'}</td>
      <td>{of?.durability ?? '–'}</td>
      <td>{of ? of.phase : '–'}</td>
      <td class="n">{rate ? integer(rate.rows) : '–'}</td>
      <td class="n" title={rate ? `${dollars(rate.naiveDollars)} with one row a write` : ''}>
        {rate ? dollars(rate.dollars) : '–'}
      </td>
    </tr>
  );
}

function ago(ms: number): string {
  const days = (Date.now() - ms) / DAY_MS;
  if (days >= 1) return `${Math.floor(days)} d`;
  const minutes = days * 1_440;
  return minutes >= 60 ? `${Math.floor(minutes / 60)} h` : `${Math.max(0, Math.floor(minutes))} min`;
}

function OpenStore() {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const ns = new FormData(event.currentTarget).get('ns') as string;
        if (ns !== '') location.hash = `#/${encodeURIComponent(ns)}/things`;
      }}
    >
      <label>
        Open a store <input name="ns" pattern="[A-Za-z0-9._\-]{1,128}" required />
      </label>{' '}
      <button type="submit">Open</button>
    </form>
  );
}

function FirstVisit({ text }: { text: string }) {
  const socket = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/stores/hello`;
  return (
    <div class="first">
      <p>{text}</p>
      <pre>
        {`npx wscat -c ${socket}\n> {"type":"create","id":1,"$type":"Customer","data":{"$id":"alice","name":"Alice"}}`}
      </pre>
      <Action label="Write sample things" act={writeSamples} />
    </div>
  );
}

async function writeSamples(): Promise<string> {
  const store = open(SAMPLE);
  const boards = ['now', 'next', 'later'];
  for (let i = 1; i <= 30; i++) {
    store
      .put('Card', `card_${i}`, {
        title: `Card number ${i}`,
        board: boards[i % boards.length],
        points: (i * 7) % 13,
        tags: i % 4 === 0 ? ['big', 'old'] : ['small'],
      })
      .catch(() => {});
  }
  for (const name of ['Alice', 'Bob', 'Carol']) {
    store.put('Person', name.toLowerCase(), { name, joined: Date.now() }).catch(() => {});
  }
  await store.settled();
  store.close();
  location.hash = `#/${SAMPLE}/things`;
  return 'written';
}
