import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { http, json, type Stats, stats, storePath } from './api.ts';
import { Action, integer, Panel, plain, time, usePolled, worded } from './ui.tsx';

type Faults = { pipeline?: { mode: string }; sink?: { mode: string } };
type At = number | string | { seq: number };
type Imported = {
  created: number;
  replaced: number;
  unchanged: number;
  failed: { line: number; code: string; error: string }[];
  failures?: number;
};

/** What can be done to a store. What changes all of it asks for its name. */
export function Actions({ ns }: { ns: string }) {
  const post = async (rest: string) => said(await json('POST', storePath(ns, rest)));
  return (
    <>
      <Life ns={ns} />
      <Panel title="Keep">
        <div class="bar">
          <Action label="Checkpoint now" act={() => post('/checkpoint')} />
          <Action label="Snapshot to the archive" act={() => post('/snapshot')} />
        </div>
        <Export ns={ns} />
        <Import ns={ns} />
        <Fork ns={ns} />
      </Panel>
      <Whole ns={ns} />
      <FaultPanel ns={ns} />
    </>
  );
}

const MOST_LINES = 8;

/** The store as it comes and goes: a line for each change of its state. */
function Life({ ns }: { ns: string }) {
  const figures = usePolled(() => stats(ns), 500, [ns]);
  const [lines, setLines] = useState<{ at: number; text: string }[]>([]);
  const state = figures.error ? `does not answer: ${figures.error}` : figures.value && stateOf(figures.value);
  useEffect(() => {
    if (state) setLines((all) => [{ at: Date.now(), text: state }, ...all].slice(0, MOST_LINES));
  }, [state]);
  return (
    <Panel title="The store">
      <div role="log" aria-label="States of the store">
        <ol class="timeline plain">
          {lines.map(({ at, text }, i) => (
            <li key={at} class={i === 0 ? '' : 'quiet'}>
              <time>{time(at).slice(-8)}</time> {text}
            </li>
          ))}
        </ol>
      </div>
    </Panel>
  );
}

function stateOf({ phase, failure, bootId, recovery }: Stats): string {
  if (failure) return `${phase}: ${failure}`;
  if (phase !== 'running' || recovery === null) return phase;
  const { source, durationMs, thingsLoaded, eventsReplayed } = recovery as Record<string, number>;
  const how = `${integer(thingsLoaded)} things loaded, ${integer(eventsReplayed)} events replayed`;
  return `${phase}, instance ${bootId.slice(0, 8)}: from ${source} in ${integer(durationMs)} ms, ${how}`;
}

const AGO: Record<string, number> = {
  'a minute ago': 60_000,
  'ten minutes ago': 600_000,
  'an hour ago': 3_600_000,
};
interface Form {
  type: 'datetime-local' | 'number' | 'text';
  read: (text: string) => At;
  hint?: string;
}
const FORMS: Record<string, Form> = {
  'at a time': { type: 'datetime-local', read: (text) => new Date(text).getTime() },
  'right after event': { type: 'number', read: (text) => ({ seq: Number(text) }), hint: 'seq' },
  'at a position': { type: 'text', read: (text) => text, hint: 'the at of a reply' },
};

/** A choice of a moment; `get` gives it when it is needed, for a minute ago moves on. */
function useMoment(what: string, first: string[]) {
  const choices = [...first, ...Object.keys(AGO), ...Object.keys(FORMS)];
  const [choice, setChoice] = useState(choices[0]);
  const [text, setText] = useState('');
  const form = FORMS[choice];
  const get = (): At | undefined => {
    if (AGO[choice] !== undefined) return Date.now() - AGO[choice];
    if (form === undefined) return undefined;
    if (text === '') throw new Error('which moment?');
    return form.read(text);
  };
  const field = (
    <>
      <label>
        {what}{' '}
        <select value={choice} onChange={(event) => setChoice(event.currentTarget.value)}>
          {choices.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      {form && (
        <label>
          <span class="hidden">{`${what} ${choice}`}</span>
          <input
            key={choice}
            type={form.type as 'text'}
            step="1"
            placeholder={form.hint}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
      )}
    </>
  );
  return { get, field };
}

function Export({ ns }: { ns: string }) {
  const moment = useMoment('As it is or was', ['now']);
  const save = async () => {
    const at = moment.get();
    const query =
      at === undefined ? '' : `?at=${encodeURIComponent(typeof at === 'object' ? JSON.stringify(at) : at)}`;
    const lines = await (await http('GET', storePath(ns, `/export${query}`))).blob();
    const end = /\{"end":true,"things":(\d+)\}\s*$/.exec(await lines.slice(-200).text());
    if (end === null) throw new Error('the export broke off before its end, and is not kept');
    const link = document.createElement('a');
    link.href = URL.createObjectURL(lines);
    link.download = `${ns}.ndjson`;
    link.click();
    URL.revokeObjectURL(link.href);
    return `${integer(Number(end[1]))} things in ${link.download}`;
  };
  return (
    <div class="bar">
      {moment.field}
      <Action label="Export to a file" act={save} />
    </div>
  );
}

function Import({ ns }: { ns: string }) {
  const [file, setFile] = useState<File | null>(null);
  const [mode, setMode] = useState('create');
  const load = async () => {
    const answer = await http('POST', storePath(ns, `/import?mode=${mode}`), file as File);
    const { created, replaced, unchanged, failed, failures }: Imported = await answer.json();
    const words = `${created} created, ${replaced} replaced, ${unchanged} unchanged`;
    if (failed.length === 0) return words;
    return (
      <>
        {words}, {failures ?? failed.length} failed:
        <ul>
          {failed.map(({ line, code, error }) => (
            <li key={line}>
              line {line}: {code}, {error}
            </li>
          ))}
        </ul>
      </>
    );
  };
  return (
    <div class="bar">
      <label>
        File to import{' '}
        <input
          type="file"
          accept=".ndjson,.jsonl,.json"
          onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)}
        />
      </label>
      <label>
        Things that are there{' '}
        <select value={mode} onChange={(event) => setMode(event.currentTarget.value)}>
          <option value="create">stay</option>
          <option value="put">are replaced</option>
        </select>
      </label>
      <Action label="Import" disabled={file === null} act={load} />
    </div>
  );
}

function Fork({ ns }: { ns: string }) {
  const [to, setTo] = useState('');
  const moment = useMoment('Copied as it is or was', ['now']);
  const fork = async () => {
    const { namespace, things } = await json<{ namespace: string; things: number }>(
      'POST',
      storePath(ns, '/fork'),
      { to, at: moment.get() },
    );
    return (
      <>
        {integer(things)} things are in <a href={`#/${encodeURIComponent(namespace)}/things`}>{namespace}</a>
      </>
    );
  };
  return (
    <div class="bar">
      <label>
        Name of the copy{' '}
        <input value={to} onInput={(event) => setTo(event.currentTarget.value)} autocomplete="off" />
      </label>
      {moment.field}
      <Action label="Fork" disabled={to === ''} act={fork} />
    </div>
  );
}

/** What changes or takes away everything in the store. */
function Whole({ ns }: { ns: string }) {
  const [name, setName] = useState('');
  const moment = useMoment('To what it was', []);
  const disabled = name !== ns;
  const restore = async () => {
    const { appliedSeq } = await stats(ns);
    const { things } = await json<{ things: number }>('POST', storePath(ns, '/restore'), {
      at: moment.get(),
    });
    return `${integer(things)} things, as they were; right after event ${appliedSeq} takes it back`;
  };
  return (
    <Panel title="What changes all of it">
      <p class="quiet">
        A restore is written as ordinary changes, and another restore undoes it. A rebuild makes the things
        anew from the archive, and nothing else is answered meanwhile. A deletion leaves the history in the
        archive.
      </p>
      <label>
        Type <b>{ns}</b> to be allowed{' '}
        <input
          value={name}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => setName(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Escape' && setName('')}
        />
      </label>
      <div class="bar">
        {moment.field}
        <Action label="Restore" {...{ danger: true, disabled }} act={restore} />
      </div>
      <div class="bar">
        <Action
          label="Rebuild from the archive"
          {...{ danger: true, disabled }}
          act={async () => said(await json('POST', storePath(ns, '/rebuild')))}
        />
        <Action
          label="Delete the store"
          {...{ danger: true, disabled }}
          act={async () => said(await json('DELETE', storePath(ns)))}
        />
      </div>
    </Panel>
  );
}

/** Only an emulator that was started with `--faults` has these. */
function FaultPanel({ ns }: { ns: string }) {
  const [faults, setFaults] = useState<Faults | null>(null);
  const set = async (change: object) => {
    setFaults(await json<Faults>('PUT', '/faults', change));
    return 'done';
  };
  useEffect(() => {
    json<Faults>('PUT', '/faults', {}).then(setFaults, () => {});
  }, []);
  if (faults === null) {
    return <p class="quiet">An emulator that is started with --faults can be made to fail from here.</p>;
  }
  const button = (label: string, change: object, danger?: boolean): ComponentChildren => (
    <Action label={label} danger={danger} act={() => set(change)} />
  );
  return (
    <Panel title="Faults of this emulator">
      <p>
        Pipeline: <b>{faults.pipeline?.mode ?? 'ok'}</b>, sink: <b>{faults.sink?.mode ?? 'ok'}</b>
      </p>
      <div class="bar">
        {button('Pipeline refuses', { pipeline: { mode: 'reject' } })}
        {button('Pipeline hangs', { pipeline: { mode: 'hang' } })}
        {button('Sink stands still', { sink: { mode: 'stall' } })}
        {button('All well', { pipeline: { mode: 'ok' }, sink: { mode: 'ok' } })}
      </div>
      <div class="bar">
        {button('Evict the store', { evict: ns })}
        {button('Crash the store', { lose: ns }, true)}
        {button('Crash the process', { crash: 'now' }, true)}
      </div>
    </Panel>
  );
}

/** A short answer as words. */
function said(answer: object): string {
  return Object.entries(answer)
    .filter(([, value]) => typeof value !== 'object')
    .map(([name, value]) => `${worded(name)} ${plain(name, value)}`)
    .join(', ');
}
