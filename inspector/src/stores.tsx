import { useState } from 'preact/hooks';
import { json, open, type Stats, stats } from './api.ts';
import { Action, bytes, dollars, integer, Panel, time, usePolled } from './ui.tsx';

interface Listed {
  namespace: string;
  createdAt: number;
}

/** So many stores are asked for their figures; each question wakes one. */
const MOST_ASKED = 20;
const SAMPLE = 'sample';
const DAY_MS = 86_400_000;

/** The stores there are, newest first, and how to make the first one. */
export function Stores() {
  const [prefix, setPrefix] = useState('');
  const found = usePolled(
    async () => {
      const { stores } = await json<{ stores: Listed[] }>(
        'GET',
        `/stores?limit=100&prefix=${encodeURIComponent(prefix)}`,
      );
      return stores.sort((a, b) => b.createdAt - a.createdAt);
    },
    5_000,
    [prefix],
  );
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
    [found.value?.map(({ namespace }) => namespace).join()],
  );
  return (
    <Panel title="Stores">
      <div class="bar">
        <label>
          Name begins with{' '}
          <input type="search" value={prefix} onInput={(event) => setPrefix(event.currentTarget.value)} />
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
                <th class="n">Rows since its start</th>
                <th class="n">Dollars</th>
              </tr>
            </thead>
            <tbody>
              {found.value?.map(({ namespace, createdAt }) => (
                <Row key={namespace} {...{ namespace, createdAt }} of={figures.value?.get(namespace)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Row({ namespace, createdAt, of }: Listed & { of?: Stats | null }) {
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
      <td class="n">{of ? integer(of.rowsWritten) : '–'}</td>
      <td class="n" title={of ? `${dollars(of.cost.naiveDollars)} with one row a write` : ''}>
        {of ? dollars(of.cost.dollars) : '–'}
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
