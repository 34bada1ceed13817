import { histograms, type Slow, stats } from './api.ts';
import { Bars, bytes, Facts, integer, Panel, Problem, plain, time, usePolled, worded } from './ui.tsx';

/** Whether the store is well, and since when. */
export function Health({ ns }: { ns: string }) {
  const polled = usePolled(() => stats(ns), 1_000, [ns]);
  const waits = usePolled(() => histograms(ns, ['reply_wait_ms', 'checkpoint_ms']), 2_000, [ns]);
  const now = polled.value;
  const more = Object.entries(now ?? {}).filter(
    ([name, value]) => !KNOWN.has(name) && value !== null && typeof value !== 'object',
  );
  return (
    <>
      <Problem text={polled.error} />
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
                ...figures(Object.fromEntries(more)),
              ]}
            />
          </Panel>
          <Panel title="Requests since this instance woke">
            <Facts
              of={[
                ['requests', integer(now.requests)],
                ...Object.entries(now.errors ?? {}).map(([code, count]): [string, string] => [
                  `refused: ${code}`,
                  integer(count),
                ]),
              ]}
            />
            {Object.keys(now.errors ?? {}).length === 0 && <p>None was refused.</p>}
          </Panel>
          <Panel title="The slowest requests of the last minutes">
            <Slowest of={now.slowest ?? []} />
          </Panel>
          <Panel title="How long writes waited to be durable">
            <Problem text={waits.error} />
            <Waits buckets={waits.value?.[0] ?? []} />
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
            {now.recovery === null ? <p>It is still coming up.</p> : <Facts of={figures(now.recovery)} />}
          </Panel>
          <Panel title="Archive">
            {now.archive ? (
              <Facts of={figures(now.archive)} />
            ) : (
              <p>Nobody has looked yet whether events arrive.</p>
            )}
          </Panel>
          <Panel title="Checkpoints">
            <Facts of={figures(now.checkpoints)} />
            <Waits buckets={waits.value?.[1] ?? []} />
          </Panel>
        </>
      )}
    </>
  );
}

function figures(of: object): [string, string][] {
  return Object.entries(of)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [worded(name), plain(name, value)]);
}

/** Requests, the slowest first. */
function Slowest({ of }: { of: Slow[] }) {
  if (of.length === 0) return <p class="quiet">No request took time.</p>;
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Request</th>
            <th class="n">Milliseconds</th>
            <th>Answered</th>
            <th>Of</th>
            <th class="n">Characters</th>
            <th class="n">In reply</th>
            <th>Refused</th>
          </tr>
        </thead>
        <tbody>
          {of.map((slow, i) => (
            <tr key={`${slow.atMs} ${i}`}>
              <td>{slow.type}</td>
              <td class="n">{integer(slow.ms)}</td>
              <td>{time(slow.atMs)}</td>
              <td>{[slow.$type, slow.sub].filter(Boolean).join(', ')}</td>
              <td class="n">{integer(slow.chars)}</td>
              <td class="n">{integer(slow.replyChars)}</td>
              <td>{slow.code}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** How long something took, by bound, with what half and nearly all of it stayed within. */
function Waits({ buckets }: { buckets: [number, number][] }) {
  const count = buckets.reduce((sum, [, each]) => sum + each, 0);
  const within = (share: number) => {
    let sum = 0;
    const found = buckets.find(([, each]) => {
      sum += each;
      return sum >= share * count;
    });
    const bound = found?.[0] ?? Number.POSITIVE_INFINITY;
    return Number.isFinite(bound) ? `within ${integer(bound)} ms` : `past ${integer(buckets.at(-2)?.[0])} ms`;
  };
  if (count === 0) return <p class="quiet">None yet.</p>;
  return (
    <>
      <p>
        Half {within(0.5)}, 99 of a hundred {within(0.99)}.
      </p>
      <Bars
        of={buckets
          .map(([bound, each], i): [string, number] => [
            Number.isFinite(bound) ? `≤ ${integer(bound)} ms` : `> ${integer(buckets[i - 1][0])} ms`,
            each,
          ])
          .slice(
            buckets.findIndex(([, each]) => each > 0),
            buckets.findLastIndex(([, each]) => each > 0) + 1,
          )}
      />
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
  'requests',
]);
