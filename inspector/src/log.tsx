import { useEffect, useState } from 'preact/hooks';
import { type AnyStore, stats } from './api.ts';
import { short } from './things.tsx';
import { integer, Panel, Problem, time, usePolled } from './ui.tsx';

interface Line {
  key: number;
  at: number;
  verb: 'created' | 'updated' | 'gone';
  type: string;
  id: string;
  what: string;
}

const MOST_LINES = 200;
/** A store with more things than that is not followed whole. */
const MOST_FOLLOWED = 5_000;

/** Where the log stands, and what becomes durable while the page looks. */
export function Log({ ns, store }: { ns: string; store: AnyStore }) {
  const figures = usePolled(() => stats(ns), 500, [ns]);
  const now = figures.value;
  const accepted =
    now && now.durability !== 'pipeline' ? now.durableSeq - now.pipeline.queued : now?.durableSeq;
  const seqs: [string, number | undefined, string][] = [
    ['applied', now?.appliedSeq, 'in memory'],
    ['durable', now?.durableSeq, 'acknowledged'],
    ['accepted', accepted, 'the Pipeline has it'],
    ['checkpointed', now?.checkpointSeq, 'in the rows of things'],
    ['archived', now?.archive?.lastSeq, 'in the Iceberg table'],
  ];
  const last = Math.max(1, ...seqs.map(([, seq]) => seq ?? 0));
  const from = Math.max(0, last - 500);
  return (
    <>
      <Panel title="Where events are">
        <Problem text={figures.error} />
        <div class="seqs">
          {seqs
            .filter(([name, seq]) => name !== 'archived' || seq !== undefined)
            .map(([name, seq, meaning]) => (
              <div key={name} class="seq">
                <span class="label">
                  {name} <small>{meaning}</small>
                </span>
                <progress
                  aria-label={`${name}: event ${seq ?? 'unknown'}`}
                  max={last - from}
                  value={Math.max(0, (seq ?? 0) - from)}
                />
                <b class="n">{integer(seq)}</b>
              </div>
            ))}
        </div>
      </Panel>
      <Events store={store} types={now?.types} />
    </>
  );
}

function Events({ store, types }: { store: AnyStore; types?: Record<string, number> }) {
  const [lines, setLines] = useState<Line[]>([]);
  const names = Object.keys(types ?? {}).sort();
  const count = Object.values(types ?? {}).reduce((sum, each) => sum + each, 0);
  const followed = count <= MOST_FOLLOWED;
  useEffect(() => {
    if (!followed) return;
    let key = 0;
    const sets = names.map((type) => {
      const live = store.live({ $type: type });
      const known = new Map<string, number>();
      let whole = false;
      live.subscribe(({ state, changes }) => {
        const fresh: Line[] = [];
        for (const [id, thing] of changes) {
          const before = known.get(id);
          if (thing === null) known.delete(id);
          else known.set(id, thing.$version);
          if (!whole) continue;
          const verb = thing === null ? 'gone' : before === undefined ? 'created' : 'updated';
          const what = thing === null ? '' : short(JSON.stringify(own(thing)));
          fresh.push({ key: key++, at: Date.now(), verb, type, id, what });
        }
        if (state === 'changes') whole = true;
        if (fresh.length > 0) setLines((all) => [...fresh.reverse(), ...all].slice(0, MOST_LINES));
      });
      return live;
    });
    return () => {
      for (const set of sets) set.close();
    };
  }, [store, names.join('\n'), followed]);
  return (
    <Panel title="Events, as they become durable">
      {!followed && (
        <p>
          This store has {integer(count)} things; the page follows up to {integer(MOST_FOLLOWED)}.
        </p>
      )}
      {followed && lines.length === 0 && <p class="quiet">Nothing has changed since you opened this page.</p>}
      <div class="scroll">
        <table aria-live="polite">
          <tbody>
            {lines.map((line) => (
              <tr key={line.key}>
                <td class="quiet">{time(line.at)}</td>
                <td>
                  <b>{line.verb}</b>
                </td>
                <td>{line.type}</td>
                <td>{line.id}</td>
                <td class="quiet">{line.what}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function own(thing: object) {
  return Object.fromEntries(Object.entries(thing).filter(([name]) => !name.startsWith('$')));
}
