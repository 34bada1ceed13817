import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { textOf } from './api.ts';

export const integer = (value: number | undefined) =>
  value === undefined ? '–' : Math.round(value).toLocaleString('en');

export function bytes(value: number): string {
  if (value < 1_024) return `${value} B`;
  const units = ['KiB', 'MiB', 'GiB'];
  let size = value;
  let unit = '';
  for (const next of units) {
    if (size < 1_024) break;
    size /= 1_024;
    unit = next;
  }
  return `${size.toFixed(size < 10 ? 1 : 0)} ${unit}`;
}

export function dollars(value: number): string {
  return value === 0 ? '$0' : value < 0.01 ? `$${value.toPrecision(2)}` : `$${value.toFixed(2)}`;
}

/** A name of a figure as words: `lastDurationMs` is last duration ms. */
export const worded = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** A figure as it is read. */
export function plain(name: string, value: unknown): string {
  if (typeof value === 'number') return /AtMs$/.test(name) ? time(value) : integer(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export const time = (ms: number) => new Date(ms).toLocaleString('en-GB', { hour12: false });

/** A value that is asked for again and again while the page is seen. */
export function usePolled<T>(ask: () => Promise<T>, everyMs: number, keys: unknown[]) {
  const [state, setState] = useState<{ value?: T; error?: string }>({});
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout>;
    const again = async () => {
      if (!document.hidden) {
        try {
          const value = await ask();
          if (!over) setState({ value });
        } catch (error) {
          if (!over) setState((before) => ({ ...before, error: textOf(error) }));
        }
      }
      if (!over) timer = setTimeout(again, everyMs);
    };
    setState({});
    void again();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, keys);
  return state;
}

export function Problem({ text }: { text?: string }) {
  return text ? (
    <p class="problem" role="alert">
      {text}
    </p>
  ) : null;
}

export function Panel({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="panel">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

export function Facts({ of }: { of: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/**
 * A button that does something and says what came of it.
 *
 * @param props.sure asks for a second click; Escape or another place to look at takes the first one back
 */
export function Action({
  label,
  act,
  danger,
  disabled,
  sure,
}: {
  label: string;
  act: () => Promise<ComponentChildren>;
  danger?: boolean;
  disabled?: boolean;
  sure?: string;
}) {
  const [state, setState] = useState<{
    asked?: boolean;
    busy?: boolean;
    said?: ComponentChildren;
    failed?: boolean;
  }>({});
  const run = async () => {
    if (sure !== undefined && !state.asked) {
      setState({ asked: true });
      return;
    }
    setState({ busy: true });
    try {
      setState({ said: await act() });
    } catch (error) {
      setState({ said: textOf(error), failed: true });
    }
  };
  const takeBack = () => {
    if (state.asked) setState({});
  };
  return (
    <span class="action">
      <button
        type="button"
        class={danger ? 'danger' : ''}
        disabled={disabled || state.busy}
        aria-busy={state.busy}
        onClick={run}
        onBlur={takeBack}
        onKeyDown={(event) => event.key === 'Escape' && takeBack()}
      >
        {state.asked ? sure : label}
      </button>
      <span class={state.failed ? 'problem' : 'said'} role="status">
        {state.busy ? '…' : state.said}
      </span>
    </span>
  );
}

/** Numbers beside one another, each as long as it is large. */
export function Bars({ of }: { of: [string, number][] }) {
  const most = Math.max(1, ...of.map(([, count]) => count));
  return (
    <div class="bars">
      {of.map(([name, count]) => (
        <div key={name} class="seq">
          <span class="label">{name}</span>
          <progress aria-label={`${name}: ${count}`} max={most} value={count} />
          <b class="n">{integer(count)}</b>
        </div>
      ))}
    </div>
  );
}
