import { useEffect, useRef, useState } from 'preact/hooks';
import type { LiveSet, Page, Thing } from '../../client-js/src/index.ts';
import { type AnyStore, stats, textOf } from './api.ts';
import { integer, Panel, Problem, time, usePolled } from './ui.tsx';

type AnyThing = Thing<Record<string, unknown>>;

const PAGE = 50;
const FLASH_MS = 1_500;

/** The things of a type: a page of a query, whose rows follow the store. */
export function Things({ ns, type, store }: { ns: string; type: string; store: AnyStore }) {
  const figures = usePolled(() => stats(ns), 2_000, [ns]);
  const types = Object.entries(figures.value?.types ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const chosen = type || types[0]?.[0] || '';
  return (
    <>
      <Problem text={figures.error} />
      <nav class="types" aria-label="Types">
        {types.map(([name, count]) => (
          <a
            key={name}
            class="chip"
            aria-current={name === chosen ? 'true' : undefined}
            href={`#/${encodeURIComponent(ns)}/things/${encodeURIComponent(name)}`}
          >
            {name} <small>{integer(count)}</small>
          </a>
        ))}
        {figures.value !== undefined && types.length === 0 && <p>This store has no things yet.</p>}
      </nav>
      {chosen !== '' && (
        <Table key={chosen} ns={ns} type={chosen} store={store} seq={figures.value?.appliedSeq} />
      )}
    </>
  );
}

function Table({ ns, type, store, seq }: { ns: string; type: string; store: AnyStore; seq?: number }) {
  const [where, setWhere] = useState('');
  const [orderBy, setOrderBy] = useState('');
  const [cursors, setCursors] = useState<string[]>([]);
  const [page, setPage] = useState<Page<Record<string, unknown>> | null>(null);
  const [problem, setProblem] = useState('');
  const [flashes, setFlashes] = useState(new Map<string, number>());
  const bar = useRef<HTMLInputElement>(null);
  const asked = JSON.stringify([where, orderBy, cursors.at(-1)]);

  // Again whenever the store has moved on: things may have come that the rows do not follow.
  useEffect(() => {
    let over = false;
    const query = {
      $type: type,
      limit: PAGE,
      ...(where.trim() !== '' && { where: parsed(where) }),
      ...(orderBy.trim() !== '' && { orderBy: orderBy.split(',').map((path) => path.trim()) }),
      ...(cursors.length > 0 && { cursor: cursors.at(-1) }),
      explain: true,
    };
    if (query.where === null) {
      setProblem('The filter is no JSON object yet, e.g. {"board":"now","points":{"$gte":3}}');
      return;
    }
    store.query(query as never).then(
      (found) => {
        if (over) return;
        setPage(found as Page<Record<string, unknown>>);
        setProblem('');
      },
      (error) => {
        if (!over) setProblem(textOf(error));
      },
    );
    return () => {
      over = true;
    };
  }, [asked, seq]);

  const ids = page?.things.map(({ $id }) => $id) ?? [];
  const shown = useFollowed(store, ids, (changed) => {
    const until = Date.now() + FLASH_MS;
    setFlashes((before) => new Map([...before, ...changed.map((id) => [id, until] as const)]));
    setTimeout(
      () => setFlashes((all) => new Map([...all].filter(([, end]) => end > Date.now()))),
      FLASH_MS + 50,
    );
  });

  const rows = (page?.things ?? []).map((thing) => shown?.things.get(thing.$id) ?? thing) as AnyThing[];
  const fields = [...new Set(rows.flatMap((thing) => Object.keys(thing)))].filter(
    (name) => !name.startsWith('$'),
  );
  const columns = fields.slice(0, 8);
  // A filter that finds nothing still knows what can be asked for.
  const seen = useRef(new Set<string>());
  for (const name of fields) seen.current.add(name);
  const reorder = (path: string) => {
    setCursors([]);
    setOrderBy(orderBy === path ? `-${path}` : path);
  };
  return (
    <Panel title={type}>
      <div class="bar">
        <label class="wide">
          Filter{' '}
          <input
            ref={bar}
            list="filters"
            spellcheck={false}
            placeholder='{"board":"now","points":{"$gte":3}}'
            value={where}
            onInput={(event) => {
              setCursors([]);
              setWhere(event.currentTarget.value);
            }}
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return;
              setCursors([]);
              setWhere('');
            }}
          />
        </label>
        <datalist id="filters">
          {[...seen.current, '$id', '$version', '$createdAt', '$updatedAt'].map((name) => (
            <option key={name} value={completed(where, name)} />
          ))}
        </datalist>
        <label>
          Order{' '}
          <input
            value={orderBy}
            placeholder="-points,$id"
            spellcheck={false}
            onInput={(event) => {
              setCursors([]);
              setOrderBy(event.currentTarget.value);
            }}
          />
        </label>
      </div>
      <Problem text={problem} />
      <div class="scroll">
        <table>
          <thead>
            <tr>
              {['$id', ...columns, '$version', '$updatedAt'].map((name) => (
                <th key={name} class={isNumber(rows, name) ? 'n' : ''} aria-sort={sortOf(orderBy, name)}>
                  <button type="button" class="plain" onClick={() => reorder(name)}>
                    {name}
                    {orderBy === name ? ' ▲' : orderBy === `-${name}` ? ' ▼' : ''}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((thing) => (
              <tr key={thing.$id} class={flashes.has(thing.$id) ? 'flash' : ''}>
                <td>
                  <a href={`#/${encodeURIComponent(ns)}/thing/${encodeURIComponent(thing.$id)}`}>
                    {thing.$id}
                  </a>
                </td>
                {columns.map((name) => (
                  <td key={name} class={typeof thing[name] === 'number' ? 'n' : ''}>
                    {short(thing[name])}
                  </td>
                ))}
                <td class="n">{thing.$version}</td>
                <td>{time(thing.$updatedAt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="bar">
        <button
          type="button"
          disabled={cursors.length === 0}
          onClick={() => setCursors(cursors.slice(0, -1))}
        >
          Back
        </button>
        <button
          type="button"
          disabled={page?.cursor === undefined}
          onClick={() => setCursors([...cursors, page?.cursor as string])}
        >
          Next
        </button>
        {page?.explain && (
          <small>
            looked at {integer(page.explain.looked)},{' '}
            {page.explain.index ? `index ${page.explain.index}` : 'no index'}
          </small>
        )}
      </div>
    </Panel>
  );
}

/** The rows of a page, as they are now. */
function useFollowed(store: AnyStore, ids: string[], changed: (ids: string[]) => void) {
  const [set, setSet] = useState<LiveSet<Record<string, unknown>> | null>(null);
  const [, setTurn] = useState(0);
  useEffect(() => {
    if (ids.length === 0) {
      setSet(null);
      return;
    }
    const live = store.live({ $ids: ids });
    let whole = false;
    live.subscribe(({ state, changes }) => {
      if (whole && changes.size > 0) changed([...changes.keys()]);
      if (state === 'changes') whole = true;
      setTurn((turn) => turn + 1);
    });
    setSet(live);
    return () => live.close();
  }, [store, ids.join('\n')]);
  return set;
}

/** Numbers stand right, and so does what is above them. */
const isNumber = (rows: AnyThing[], name: string) =>
  name !== '$updatedAt' && typeof rows.find((row) => row[name] != null)?.[name] === 'number';

/** Null while it is no JSON object. */
function parsed(where: string): Record<string, unknown> | null {
  try {
    const value = JSON.parse(where);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** The filter with a field's name where the next one goes. */
export function completed(where: string, name: string): string {
  // A name that is begun has an opening quote alone.
  const quotes = where.match(/(?<!\\)"/g)?.length ?? 0;
  const begun = (quotes % 2 === 1 ? where.replace(/"[^"]*$/, '') : where).trimEnd();
  return `${begun === '' ? '{' : begun.endsWith('}') ? `${begun.slice(0, -1)},` : begun}"${name}":`;
}

function sortOf(orderBy: string, name: string) {
  return orderBy === name ? 'ascending' : orderBy === `-${name}` ? 'descending' : undefined;
}

export function short(value: unknown): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
