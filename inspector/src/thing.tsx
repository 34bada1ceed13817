import { useEffect, useState } from 'preact/hooks';
import type { Thing } from '../../client-js/src/index.ts';
import { type AnyStore, json, storePath, textOf, type Version } from './api.ts';
import { short } from './things.tsx';
import { Action, Panel, Problem, time } from './ui.tsx';

type AnyThing = Thing<Record<string, unknown>>;

const AGAIN_MS = 2_000;

/** One thing: as it is, to be changed, and as it was. */
export function ThingPage({ ns, id, store }: { ns: string; id: string; store: AnyStore }) {
  const [thing, setThing] = useState<AnyThing | null>();
  const [problem, setProblem] = useState('');
  useEffect(() => {
    const live = store.live({ $ids: [id] });
    const show = () => setThing((live.things.get(id) as AnyThing | undefined) ?? null);
    live.subscribe(({ state }) => {
      if (state === 'changes') show();
    });
    live.ready.then(show, (error) => setProblem(textOf(error)));
    return () => live.close();
  }, [store, id]);
  return (
    <>
      <h1>{id}</h1>
      <Problem text={problem} />
      {thing === null && <p>There is no such thing now.</p>}
      {thing && <Editor key={thing.$version} thing={thing} store={store} />}
      <Past ns={ns} id={id} version={thing === null ? null : (thing?.$version ?? 0)} />
    </>
  );
}

function Editor({ thing, store }: { thing: AnyThing; store: AnyStore }) {
  const own = Object.fromEntries(Object.entries(thing).filter(([name]) => !name.startsWith('$')));
  const [text, setText] = useState(JSON.stringify(own, null, 2));
  const save = async () => {
    const written = await store.put(thing.$type, thing.$id, JSON.parse(text), { ifVersion: thing.$version });
    return `saved as version ${written.$version}`;
  };
  const remove = async () => {
    await store.delete(thing.$id, { ifVersion: thing.$version });
    return 'deleted';
  };
  return (
    <Panel title={`${thing.$type}, version ${thing.$version}`}>
      <p class="quiet">
        created {time(thing.$createdAt)}, changed {time(thing.$updatedAt)}
        {thing.$expiresAt !== undefined && `, expires ${time(thing.$expiresAt)}`}
      </p>
      <label>
        <span class="hidden">Fields, as JSON</span>
        <textarea
          rows={Math.min(20, text.split('\n').length + 1)}
          spellcheck={false}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Escape' && setText(JSON.stringify(own, null, 2))}
        />
      </label>
      <div class="bar">
        <Action label="Save" act={save} />
        <Action label="Delete" sure="Delete it: click again" act={remove} danger />
      </div>
    </Panel>
  );
}

/**
 * A thing's versions, what each changed, and a slider that shows it as it was.
 *
 * @param props.version that the history has to have come to; null: to its deletion
 */
function Past({ ns, id, version }: { ns: string; id: string; version: number | null }) {
  const [versions, setVersions] = useState<Version[]>([]);
  const [problem, setProblem] = useState('');
  const [chosen, setChosen] = useState<number | null>(null);
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout>;
    // The archive has the newest version when the sink has brought it.
    const ask = async () => {
      try {
        const { history } = await json<{ history: Version[] }>(
          'GET',
          storePath(ns, `/history/${encodeURIComponent(id)}`),
        );
        if (over) return;
        setVersions(history);
        setProblem('');
        const last = history.at(-1);
        if (version === null ? last?.thing === null : (last?.$version ?? 0) >= version) return;
      } catch (error) {
        if (!over) setProblem(textOf(error));
      }
      if (!over) timer = setTimeout(ask, AGAIN_MS);
    };
    void ask();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [ns, id, version]);
  const at = Math.min(chosen ?? versions.length - 1, versions.length - 1);
  return (
    <Panel title="History">
      <Problem text={problem} />
      {versions.length > 0 && (
        <>
          <label class="slider">
            As it was after event {versions[at].seq}, {time(versions[at].ts)}
            <input
              type="range"
              min={0}
              max={versions.length - 1}
              value={at}
              onInput={(event) => setChosen(Number(event.currentTarget.value))}
            />
          </label>
          <pre class="past">
            {versions[at].thing === null ? 'deleted' : JSON.stringify(versions[at].thing, null, 2)}
          </pre>
          <ol class="timeline" reversed>
            {versions
              .map((one, i) => ({ one, before: versions[i - 1]?.thing ?? null }))
              .reverse()
              .map(({ one, before }) => (
                <li key={`${one.epoch}.${one.seq}`}>
                  <b>{one.verb.replace('thing.', '')}</b>{' '}
                  <span class="quiet">
                    {time(one.ts)}, event {one.epoch}.{one.seq}
                  </span>
                  <Difference before={before} after={one.thing} />
                </li>
              ))}
          </ol>
        </>
      )}
    </Panel>
  );
}

function Difference({
  before,
  after,
}: {
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter(
    (name) => !name.startsWith('$'),
  );
  const changed = names.filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]));
  return (
    <ul class="difference">
      {changed.map((name) => (
        <li key={name}>
          {name}: {before?.[name] !== undefined && <del>{short(before[name])}</del>}{' '}
          {after?.[name] !== undefined && <ins>{short(after[name])}</ins>}
        </li>
      ))}
    </ul>
  );
}
