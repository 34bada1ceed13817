import { useEffect, useState } from 'preact/hooks';
import { json, storePath } from './api.ts';
import { Action, Panel } from './ui.tsx';

type Faults = { pipeline?: { mode: string }; sink?: { mode: string } };

/** What can be done to a store. What takes it away for a while asks for its name. */
export function Actions({ ns }: { ns: string }) {
  const [name, setName] = useState('');
  const post = async (rest: string) => said(await json('POST', storePath(ns, rest)));
  return (
    <>
      <Panel title="Keep">
        <Action label="Checkpoint now" act={() => post('/checkpoint')} />
        <Action label="Snapshot to the archive" act={() => post('/snapshot')} />
      </Panel>
      <Panel title="Rebuild">
        <p class="quiet">
          The things are made anew from the archive; the store answers nothing else meanwhile.
        </p>
        <label>
          Type <b>{ns}</b> to be allowed{' '}
          <input value={name} onInput={(event) => setName(event.currentTarget.value)} autocomplete="off" />
        </label>
        <div class="bar">
          <Action
            label="Rebuild from the archive"
            danger
            disabled={name !== ns}
            act={() => post('/rebuild')}
          />
        </div>
      </Panel>
      <FaultPanel />
    </>
  );
}

/** Only an emulator that was started with `--faults` has these. */
function FaultPanel() {
  const [faults, setFaults] = useState<Faults | null>(null);
  const set = async (change: object) => {
    const now = await json<Faults>('PUT', '/faults', change);
    setFaults(now);
    return 'in force';
  };
  useEffect(() => {
    json<Faults>('PUT', '/faults', {}).then(setFaults, () => {});
  }, []);
  if (faults === null) return null;
  return (
    <Panel title="Faults of this emulator">
      <p>
        Pipeline: <b>{faults.pipeline?.mode ?? 'ok'}</b>, sink: <b>{faults.sink?.mode ?? 'ok'}</b>
      </p>
      <div class="bar">
        <Action label="Pipeline refuses" act={() => set({ pipeline: { mode: 'reject' } })} />
        <Action label="Pipeline hangs" act={() => set({ pipeline: { mode: 'hang' } })} />
        <Action label="Sink stands still" act={() => set({ sink: { mode: 'stall' } })} />
        <Action label="All well" act={() => set({ pipeline: { mode: 'ok' }, sink: { mode: 'ok' } })} />
        <Action label="Crash the process" danger act={() => set({ crash: 'now' })} />
      </div>
    </Panel>
  );
}

/** A short answer as words. */
function said(answer: object): string {
  return Object.entries(answer)
    .filter(([, value]) => typeof value !== 'object')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}
