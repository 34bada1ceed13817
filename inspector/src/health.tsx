import { useEffect, useState } from 'preact/hooks';
import { type AnyStore, stats } from './api.ts';
import { bytes, Facts, integer, Panel, Problem, usePolled } from './ui.tsx';

const PING_EVERY_MS = 2_000;
const MOST_PINGS = 300;
const BUCKETS_MS = [1, 2, 5, 10, 20, 50, 100, 500];

/** Whether the store is well, and since when. */
export function Health({ ns, store }: { ns: string; store: AnyStore }) {
  const figures = usePolled(() => stats(ns), 1_000, [ns]);
  const now = figures.value;
  const more = Object.entries(now ?? {}).filter(
    ([name, value]) => !KNOWN.has(name) && value !== null && typeof value !== 'object',
  );
  return (
    <>
      <Problem text={figures.error} />
      <Problem text={now?.failure} />
      {now && (
        <>
          <Panel title="State">
            <Facts
              of={[
                ['phase', now.phase],
                ['durability', now.durability],
                ['an unclean end is recovered', now.tailRecoverable ? 'yes' : 'only from SQLite'],
                ['epoch', integer(now.epoch)],
                ['things', `${integer(now.entries)}, ${integer(now.entriesInMemory)} in memory`],
                ['memory', bytes(now.estimatedBytes)],
                ['not yet in SQLite', integer(now.dirty)],
                ['instance', now.bootId],
                ...more.map(([name, value]): [string, string] => [name, String(value)]),
              ]}
            />
          </Panel>
          <Panel title="Pipeline">
            <Facts
              of={[
                ['status', now.pipeline.status],
                ['waiting', integer(now.pipeline.queued)],
                ['accepted', integer(now.pipeline.sent)],
                ['sends repeated', integer(now.pipeline.retries)],
                ['dead letters', integer(now.pipeline.deadLettered)],
              ]}
            />
            <Problem text={now.pipeline.lastError ?? undefined} />
          </Panel>
          <Panel title="How it came up">
            {now.recovery === null ? (
              <p>It is still coming up.</p>
            ) : (
              <Facts of={Object.entries(now.recovery).map(([name, value]) => [name, plain(value)])} />
            )}
          </Panel>
          {now.archive && (
            <Panel title="Archive">
              <Facts of={Object.entries(now.archive).map(([name, value]) => [name, plain(value)])} />
            </Panel>
          )}
          <Panel title="Checkpoints">
            <Facts
              of={Object.entries(now.checkpoints)
                .filter(([, value]) => value !== null)
                .map(([name, value]) => [name, plain(value)])}
            />
          </Panel>
        </>
      )}
      <Panel title="Answers to a ping from here">
        <Pings store={store} />
      </Panel>
    </>
  );
}

const KNOWN = new Set([
  'phase',
  'failure',
  'durability',
  'tailRecoverable',
  'epoch',
  'entries',
  'entriesInMemory',
  'estimatedBytes',
  'dirty',
  'bootId',
  'appliedSeq',
  'durableSeq',
  'checkpointSeq',
  'rowsWritten',
]);

function plain(value: unknown): string {
  return typeof value === 'number'
    ? integer(value)
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
}

function Pings({ store }: { store: AnyStore }) {
  const [times, setTimes] = useState<number[]>([]);
  useEffect(() => {
    const timer = setInterval(async () => {
      if (document.hidden || !store.status.online) return;
      const from = performance.now();
      try {
        await store.read([]);
        const took = performance.now() - from;
        setTimes((all) => [...all.slice(1 - MOST_PINGS), took]);
      } catch {
        // The client says that it is not connected.
      }
    }, PING_EVERY_MS);
    return () => clearInterval(timer);
  }, [store]);
  const counts = [...BUCKETS_MS, Number.POSITIVE_INFINITY].map(
    (bound, i) => times.filter((ms) => ms <= bound && ms > (BUCKETS_MS[i - 1] ?? 0)).length,
  );
  const most = Math.max(1, ...counts);
  return (
    <div class="seqs">
      {counts.map((count, i) => (
        <div key={i} class="seq">
          <span class="label">
            {i < BUCKETS_MS.length ? `≤ ${BUCKETS_MS[i]} ms` : `> ${BUCKETS_MS.at(-1)} ms`}
          </span>
          <progress aria-label={`${count} answers`} max={most} value={count} />
          <b class="n">{count}</b>
        </div>
      ))}
    </div>
  );
}
