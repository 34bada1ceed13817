import './style.css';
import './language.ts';
import { render } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Actions } from './actions.tsx';
import { type AnyStore, open, token } from './api.ts';
import { Cost } from './cost.tsx';
import { Health } from './health.tsx';
import { Log } from './log.tsx';
import { Stores } from './stores.tsx';
import { ThingPage } from './thing.tsx';
import { Things } from './things.tsx';

/** `#/` is the list of stores, `#/{namespace}/{view}/{rest}` a view of one. */
function usePlace() {
  const parse = () => location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  const [place, setPlace] = useState(parse);
  useEffect(() => {
    const changed = () => setPlace(parse());
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return place;
}

const VIEWS = { things: 'Things', log: 'Log', cost: 'Cost', health: 'Health', actions: 'Actions' };

function App() {
  const [ns = '', view = 'things', rest = ''] = usePlace();
  const store = useMemo(() => (ns === '' ? null : open(ns)), [ns]);
  useEffect(() => () => store?.close(), [store]);
  const title = ns === '' ? 'Stores' : `${rest || VIEWS[view as keyof typeof VIEWS]}, ${ns}`;
  useEffect(() => {
    document.title = `${title} – Unified Storage`;
  }, [title]);
  return (
    <>
      <button type="button" class="skip" onClick={() => document.querySelector('main')?.focus()}>
        To what is shown
      </button>
      <header>
        <a class="home" href="#/">
          Unified Storage
        </a>
        {store !== null && (
          <>
            <span class="sep" aria-hidden="true">
              /
            </span>
            <b class="ns">{ns}</b>
            <Online store={store} />
          </>
        )}
        <Token />
      </header>
      {store !== null && (
        <nav class="views" aria-label="Views of this store">
          {Object.entries(VIEWS).map(([name, label]) => (
            <a
              key={name}
              href={`#/${encodeURIComponent(ns)}/${name}`}
              aria-current={view === name || (view === 'thing' && name === 'things') ? 'page' : undefined}
            >
              {label}
            </a>
          ))}
        </nav>
      )}
      <main tabIndex={-1}>
        {store === null ? <Stores /> : <View key={`${ns}/${view}`} {...{ ns, view, rest, store }} />}
      </main>
    </>
  );
}

function View({ ns, view, rest, store }: { ns: string; view: string; rest: string; store: AnyStore }) {
  switch (view) {
    case 'thing':
      return <ThingPage key={rest} ns={ns} id={rest} store={store} />;
    case 'log':
      return <Log ns={ns} store={store} />;
    case 'cost':
      return <Cost ns={ns} />;
    case 'health':
      return <Health ns={ns} />;
    case 'actions':
      return <Actions ns={ns} />;
    default:
      return <Things ns={ns} type={rest} store={store} />;
  }
}

function Online({ store }: { store: AnyStore }) {
  const [status, setStatus] = useState(store.status);
  useEffect(() => {
    setStatus(store.status);
    return store.onStatus(setStatus);
  }, [store]);
  const text = status.online ? 'connected' : (status.error?.message ?? 'connecting');
  return (
    <span class={status.online ? 'online' : 'offline'} role="status" title={text}>
      {status.online ? 'connected' : 'not connected'}
    </span>
  );
}

function Token() {
  return (
    <form
      class="token"
      onSubmit={(event) => {
        event.preventDefault();
        token.set(new FormData(event.currentTarget).get('token') as string);
        location.reload();
      }}
    >
      <label>
        <span class="hidden">Access token</span>
        <input
          type="password"
          name="token"
          placeholder="access token, if any"
          autocomplete="off"
          value={token.get()}
        />
      </label>
    </form>
  );
}

render(<App />, document.getElementById('app') as HTMLElement);
